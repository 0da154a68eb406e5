"""Which copy of PCam it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from benchmark import digests
from benchmark.datasets import checksums

STEM = "camelyonpatch_level_2_split_"


def test_official_files_are_recognized(official: list[checksums.FileDigest]) -> None:
    """All nine official checksums make the official release."""
    identity = checksums.identify(official)
    assert identity.official
    assert identity.name == "PCam"


def test_one_whole_split_without_meta_is_official(official: list[checksums.FileDigest]) -> None:
    """A user who fetched only the test split has official data."""
    assert checksums.identify([file for file in official if "test_x" in file.name or "test_y" in file.name]).official


@pytest.mark.parametrize("part", ["x.h5", "y.h5", "meta.csv"])
def test_valid_and_test_exchanged_are_not_official(official: list[checksums.FileDigest], part: str) -> None:
    """The README's exchanged checksums must not pass, for any kind of file."""
    values = {file.name: file for file in official}
    valid, test = values[f"{STEM}valid_{part}"], values[f"{STEM}test_{part}"]
    values[valid.name] = valid._replace(md5=test.md5)
    values[test.name] = test._replace(md5=valid.md5)
    assert not checksums.identify(values.values()).official


def test_published_values_of_valid_and_test_are_the_right_way_round() -> None:
    """These two were exchanged in the release's README."""
    assert checksums.OFFICIAL_MD5[f"{STEM}valid_x.h5"] == "81cf9680f1724c40673f10dc88e909b1"
    assert checksums.OFFICIAL_MD5[f"{STEM}test_x.h5"] == "2614b2e6717d6356be141d9d6dbfcb7e"
    assert len(set(checksums.OFFICIAL_MD5.values())) == 9


@pytest.mark.parametrize("missing", ["train_x.h5", "valid_y.h5"])
def test_pixels_without_labels_are_not_official(official: list[checksums.FileDigest], missing: str) -> None:
    """Pixels and labels belong together."""
    assert not checksums.identify([file for file in official if not file.name.endswith(missing)]).official


def test_no_files_are_not_official() -> None:
    """Nothing is no release."""
    assert not checksums.identify([]).official


def test_one_changed_file_makes_an_unofficial_copy_named_by_its_digest(official: list[checksums.FileDigest]) -> None:
    """The name shows 12 digits of the digest over the SHA-256s."""
    changed = [official[0]._replace(md5="0" * 32, sha256="f" * 64), *official[1:]]
    identity = checksums.identify(changed)
    assert not identity.official
    assert identity.digest == digests.of_files({file.name: file.sha256 for file in changed})
    assert identity.name == f"PCam, unofficial copy, digest {identity.digest[:12]}"
    assert identity.digest != checksums.identify(official).digest


def test_identity_does_not_depend_on_the_order_of_files(official: list[checksums.FileDigest]) -> None:
    """Files are a set."""
    assert checksums.identify(official) == checksums.identify(official[::-1])


def test_digest_file_reads_all_blocks(tmp_path: Path) -> None:
    """A file of more than one block gives the digests hashlib gives for its bytes."""
    content = bytes(range(256)) * 5000
    path = tmp_path / "some.bin"
    path.write_bytes(content)
    expected = (path.name, hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest())
    assert checksums.digest_file(path) == expected


@pytest.fixture
def official() -> list[checksums.FileDigest]:
    """Digests of the official files; their SHA-256s are made up."""
    return [
        checksums.FileDigest(name, md5, hashlib.sha256(name.encode()).hexdigest())
        for name, md5 in checksums.OFFICIAL_MD5.items()
    ]
