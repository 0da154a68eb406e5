"""What is to be fetched, and that it is said beforehand and after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmark.cli import fetching
from benchmark.datasets import pcam_release
from benchmark.errors import UserError


def test_a_choice_of_splits(tmp_path: Path) -> None:
    """All where none is named; the order is the release's; from Zenodo unless a mirror is named."""
    everything = fetching.choice("pcam", tmp_path, (), meta=True, url=None)
    assert (len(everything.files), everything.server) == (9, pcam_release.SERVER)
    some = fetching.choice("pcam", tmp_path, ("test", "valid", "test"), meta=False, url="https://mirror/pcam")
    assert [file.name.removeprefix("camelyonpatch_level_2_split_") for file in some.files] == [
        "valid_y.h5",
        "valid_x.h5",
        "test_y.h5",
        "test_x.h5",
    ]
    assert some.server == "https://mirror/pcam"


@pytest.mark.parametrize(
    ("name", "splits", "url", "says"),
    [
        ("pcamm", (), None, "Dataset 'pcamm' is none that can be fetched. Did you mean 'pcam'?"),
        ("phantom", (), None, "Dataset 'phantom' is not fetched: it is made when it is needed. Known: pcam."),
        (
            "pcam",
            ("val",),
            None,
            "--split val: there is no such split. Did you mean 'valid'? Known: test, train, valid.",
        ),
        (
            "pcam",
            (),
            "mirror/pcam",
            "--url mirror/pcam (or BENCH_PCAM_URL): expected an address that begins with https",
        ),
        ("pcam", (), "https://", "expected an address"),
    ],
)
def test_mistakes_are_said(tmp_path: Path, name: str, splits: tuple[str, ...], url: str | None, says: str) -> None:
    """Each with the nearest valid choice."""
    with pytest.raises(UserError) as refused:
        fetching.choice(name, tmp_path, splits, meta=True, url=url)
    assert says in str(refused.value)


def test_a_folder_must_be_named() -> None:
    """Gigabytes are not put just anywhere."""
    with pytest.raises(UserError, match="Name the folder of real images with --data-root"):
        fetching.choice("pcam", None, (), meta=True, url=None)


def test_each_file_is_a_line_when_it_is_done(
    tmp_path: Path, release: Any, mirror: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """After terms, size and server; the second time there is nothing to say."""
    asked = fetching.Choice(tmp_path, release, f"{mirror.address}/pcam")
    outcomes = fetching.fetch(asked, offline=False, quiet=False)
    terms, plan, *lines = capfd.readouterr().err.splitlines()
    assert terms == pcam_release.TERMS
    assert plan.startswith(f"9 files into {tmp_path / 'pcam'}: ")
    assert f" to download from {mirror.address[7:]}, up to " in plan
    assert lines == [f"{file.name}: fetched, digests as published" for file in release]
    assert [one.state for one in outcomes] == ["fetched"] * 9
    assert [one.state for one in fetching.fetch(asked, offline=True, quiet=False)] == ["there"] * 9
    assert capfd.readouterr().err == ""


def test_offline_asks_nobody(tmp_path: Path, release: Any, mirror: Any) -> None:
    """It says what is missing; packed copies that are there are unpacked all the same."""
    asked = fetching.Choice(tmp_path, release[1:3], f"{mirror.address}/pcam")
    with pytest.raises(
        UserError, match=r"^2 of 2 files are not in .*pcam \(.*train_y\.h5 first\), and under --offline"
    ):
        fetching.fetch(asked, offline=True, quiet=True)
    (tmp_path / "pcam").mkdir()
    for file in release[1:3]:
        (tmp_path / "pcam" / f"{file.name}.gz").write_bytes(mirror.held[f"/pcam/{file.name}.gz"])
    assert [one.state for one in fetching.fetch(asked, offline=True, quiet=True)] == ["unpacked"] * 2
    assert mirror.asked == []


def test_what_does_not_fit_is_not_begun(
    tmp_path: Path, release: Any, mirror: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file said to be of a billion gigabytes."""
    huge = release[2]._replace(about=10**18)
    with pytest.raises(UserError, match=r"^Fetching takes 1000000\.0 TB"):
        fetching.fetch(fetching.Choice(tmp_path, [huge], f"{mirror.address}/pcam"), offline=False, quiet=True)
    assert mirror.asked == []
    assert list(tmp_path.iterdir()) == []
