"""The table of official files, held against itself and against torchvision's."""

from __future__ import annotations

import re

import pytest

from benchmark.datasets import checksums, pcam_release
from benchmark.datasets.pcam import Pcam

STEM = "camelyonpatch_level_2_split_"


def test_the_table_is_well_formed() -> None:
    """Nine files; each digest of the right length and nobody else's; y and meta of each split before its x."""
    files = pcam_release.files()
    assert [file.name.removeprefix(STEM) for file in files] == [
        f"{split}_{part}" for split in ("train", "valid", "test") for part in ("meta.csv", "y.h5", "x.h5")
    ]
    md5s = [file.md5 for file in files] + [file.packed.md5 for file in files if file.packed]
    sha256s = [file.packed.sha256 for file in files if file.packed]
    assert all(re.fullmatch("[0-9a-f]{32}", md5) for md5 in md5s)
    assert all(re.fullmatch("[0-9a-f]{64}", sha256) for sha256 in sha256s)
    assert len(set(md5s)) == 15
    assert len(set(sha256s)) == 6
    assert {file.name: file.md5 for file in files} == checksums.OFFICIAL_MD5
    assert [file.packed is None for file in files] == [True, False, False] * 3


def test_valid_and_test_are_not_exchanged() -> None:
    """Spelled out: the release's README, and scripts that repeat it, have them the other way round."""
    files = {file.name.removeprefix(STEM): file for file in pcam_release.files()}
    valid, test = files["valid_x.h5"], files["test_x.h5"]
    assert valid.packed is not None
    assert test.packed is not None
    assert (valid.packed.bytes, valid.packed.md5) == (805_965_320, "d5b63470df7cfa627aeec8b9dc0c066e")
    assert (test.packed.bytes, test.packed.md5) == (800_875_929, "d8c2d60d490dbd479f8199bdfa0cf6ec")
    assert valid.packed.sha256.startswith("f82ee1670d02")
    assert test.packed.sha256.startswith("79174c2201ad")
    assert valid.md5 == "81cf9680f1724c40673f10dc88e909b1"
    assert test.md5 == "2614b2e6717d6356be141d9d6dbfcb7e"
    assert files["valid_meta.csv"].md5 == "67589e00a4a37ec317f2d1932c7502ca"


def test_torchvision_knows_the_same_files() -> None:
    """Its table, corrected since, is of the packed files."""
    from torchvision.datasets import PCAM

    theirs = {name: md5 for split in PCAM._FILES.values() for name, _, md5 in split.values()}
    assert {file.name: file.packed.md5 for file in pcam_release.files() if file.packed} == theirs


def test_guesses_are_not_too_small() -> None:
    """Pixels lie in no less than their own bytes."""
    sizes = {file.name.removeprefix(STEM): file.about for file in pcam_release.files()}
    assert sizes["train_x.h5"] > 262_144 * 96 * 96 * 3
    assert sizes["test_x.h5"] > 32_768 * 96 * 96 * 3
    assert sizes["valid_y.h5"] > 32_768


@pytest.mark.parametrize(("meta", "count"), [(True, 3), (False, 2)])
def test_splits_are_chosen(meta: bool, count: int) -> None:
    """In the order of the release, however they are named."""
    names = [file.name for file in pcam_release.files(["test", "valid"], meta=meta)]
    assert len(names) == 2 * count
    assert all(STEM + "valid" in name for name in names[:count])
    assert any("meta" in name for name in names) == meta


def test_where_a_file_lies_on_the_server() -> None:
    """Packed ones with size and both digests; the slide tables as they are, with the MD5."""
    meta, labels, _ = pcam_release.files(["test"])
    remote = labels.remote(pcam_release.SERVER)
    assert remote.url == f"https://zenodo.org/records/2546921/files/{STEM}test_y.h5.gz"
    assert (remote.size, set(remote.digests)) == (3040, {"sha256", "md5"})
    remote = meta.remote("http://mirror/pcam")
    assert remote.url == f"http://mirror/pcam/{STEM}test_meta.csv"
    assert (remote.size, dict(remote.digests)) == (None, {"md5": meta.md5})


def test_what_is_known_of_the_release_beforehand():
    """Sums over the table; the class tells them, for plans of what is not there."""
    released = Pcam.released
    assert released.images == {"train": 262_144, "valid": 32_768, "test": 32_768}
    assert released.bytes == 6_421_353_462 + 21_378 + 805_965_320 + 3_038 + 800_875_929 + 3_040
