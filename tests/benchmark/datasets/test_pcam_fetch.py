"""Fetching a release of PCam's layout from a real server, into folders of every kind."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pytest

from benchmark.contracts.progress import silent
from benchmark.datasets import checksums, pcam_fetch, pcam_files
from benchmark.datasets.pcam_fetch import Fetch, Outcome
from benchmark.datasets.pcam_release import Packed, ReleaseFile
from benchmark.errors import UserError

Release = tuple[ReleaseFile, ...]


def fetched(root: Path, files: Release, mirror: Any, told: Any = silent) -> list[Outcome]:
    """Fetch what is missing, as the command does."""
    work = Fetch(root, files, f"{mirror.address}/pcam/", told=told)
    with work.alone():
        return [work.bring(file, pauses=(0.01,)) for file in work.missing()]


def names(root: Path) -> list[str]:
    """What lies in the folder."""
    return sorted(path.name for path in (root / "pcam").iterdir())


def test_everything_comes_and_can_be_read(tmp_path: Path, release: Release, mirror: Any) -> None:
    """Whole, right, nothing else left; by our reader and torchvision's alike."""
    from torchvision.datasets import PCAM

    outcomes = fetched(tmp_path, release, mirror)
    assert [one.state for one in outcomes] == ["fetched"] * 9
    assert names(tmp_path) == sorted(file.name for file in release)
    assert all(checksums.digest_file(one.path).md5 == one.file.md5 for one in outcomes)
    for split, theirs in (("train", "train"), ("valid", "val"), ("test", "test")):
        images = pcam_files.open_split(tmp_path, split, classes=pcam_files.CLASSES)
        peer = PCAM(str(tmp_path), theirs)
        assert len(peer) == len(images) == 12
        np.testing.assert_array_equal(images.read(0, 12), np.stack([np.asarray(peer[row][0]) for row in range(12)]))
        assert images.labels.tolist() == [peer[row][1] for row in range(12)]
        assert images.slides is not None
        assert set(images.slides) == {f"{split}_0", f"{split}_1", f"{split}_2"}


def test_what_is_there_and_right_is_left_alone(tmp_path: Path, release: Release, mirror: Any) -> None:
    """Not asked for, not written; one that went missing comes again."""
    fetched(tmp_path, release, mirror)
    stamps = {path: path.stat().st_mtime_ns for path in (tmp_path / "pcam").iterdir()}
    asked = len(mirror.asked)
    assert fetched(tmp_path, release, mirror) == []
    assert len(mirror.asked) == asked
    lost = tmp_path / "pcam" / release[4].name
    lost.unlink()
    assert [one.path for one in fetched(tmp_path, release, mirror)] == [lost]
    assert {path: path.stat().st_mtime_ns for path in stamps if path != lost} == {
        path: stamp for path, stamp in stamps.items() if path != lost
    }


def test_what_is_there_and_wrong_is_never_overwritten(tmp_path: Path, release: Release, mirror: Any) -> None:
    """With both digests and what to do, before anything is fetched."""
    path = tmp_path / "pcam" / release[2].name
    path.parent.mkdir()
    path.write_bytes(b"a copy of one's own")
    with pytest.raises(UserError) as refused:
        fetched(tmp_path, release, mirror)
    found = hashlib.md5(b"a copy of one's own").hexdigest()
    assert f"{path} is there, but its md5 is {found}, expected {release[2].md5}: it is damaged, or a copy" in str(
        refused.value
    )
    assert "move it away" in str(refused.value)
    assert path.read_bytes() == b"a copy of one's own"
    assert mirror.asked == []


def test_a_file_of_the_other_split_is_recognized(
    tmp_path: Path, release: Release, mirror: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who trusted the exchanged table has test's files under valid's names."""
    monkeypatch.setattr(checksums, "OFFICIAL_MD5", {file.name: file.md5 for file in release})
    fetched(tmp_path, release[6:], mirror)
    folder = tmp_path / "pcam"
    (folder / release[8].name).rename(folder / release[5].name)
    with pytest.raises(UserError, match=r"official \S+test_x\.h5 under another name; .* has valid and test exchanged"):
        fetched(tmp_path, release, mirror)


def test_a_download_is_gone_on_from(tmp_path: Path, release: Release, mirror: Any) -> None:
    """Where an earlier command was stopped; likewise one that was whole but not yet unpacked."""
    file, folder = release[2], tmp_path / "pcam"
    folder.mkdir()
    content = mirror.held[f"/pcam/{file.name}.gz"]
    (folder / f"{file.name}.gz.part").write_bytes(content[:100_000])
    (folder / f"{file.name}.unpacking").write_bytes(b"left by a kill")
    fetched(tmp_path, (file,), mirror)
    assert mirror.asked == [(f"/pcam/{file.name}.gz", "bytes=100000-")]
    (folder / file.name).unlink()
    (folder / f"{file.name}.gz.part").write_bytes(content)
    fetched(tmp_path, (file,), mirror)
    assert len(mirror.asked) == 1
    assert names(tmp_path) == [file.name]


def test_packed_copies_that_are_there_are_unpacked(tmp_path: Path, release: Release, mirror: Any) -> None:
    """Without asking anybody, and the copy stays; one that is wrong stays too, and nothing is made of it."""
    file = release[5]
    own = tmp_path / "pcam" / f"{file.name}.gz"
    own.parent.mkdir()
    own.write_bytes(mirror.held[f"/pcam/{own.name}"])
    assert [one.state for one in fetched(tmp_path, (file,), mirror)] == ["unpacked"]
    assert names(tmp_path) == [file.name, own.name]
    (tmp_path / "pcam" / file.name).unlink()
    own.write_bytes(own.read_bytes()[:-1] + b"!")
    with pytest.raises(UserError, match=r"x\.h5\.gz is not the official file: sha256 .* It is left as it is; move it"):
        fetched(tmp_path, (file,), mirror)
    assert names(tmp_path) == [own.name]
    assert mirror.asked == []


def test_a_wrong_download_leaves_nothing(tmp_path: Path, release: Release, mirror: Any) -> None:
    """Of the right size, of another, or for the table of slides, whose size is not known."""
    meta, _, pixels = release[:3]
    content = mirror.held[f"/pcam/{pixels.name}.gz"]
    mirror.held[f"/pcam/{pixels.name}.gz"] = content[:-1] + b"!"
    mirror.held[f"/pcam/{meta.name}"] += b"one,more,row"
    for file, says in (
        (pixels, r"sha256 \S+, expected .* It was removed\. A mirror"),
        (meta, r"md5 .* It was removed\."),
    ):
        with pytest.raises(UserError, match=says):
            fetched(tmp_path, (file,), mirror)
    mirror.held[f"/pcam/{pixels.name}.gz"] = b"<html>Please log in</html>"
    with pytest.raises(UserError, match="has 26 bytes under this address, expected .* such as one to log in"):
        fetched(tmp_path, (pixels,), mirror)
    assert not (tmp_path / "pcam").exists()


def test_a_table_that_contradicts_itself_publishes_nothing(tmp_path: Path, release: Release, mirror: Any) -> None:
    """Where the packed file is right and what is in it is not: as a disk that reads wrong would have it."""
    wrong = release[1]._replace(md5="0" * 32)
    with pytest.raises(UserError, match=r"holds a file of md5 .*, expected 0{32}, though its own digests are right"):
        fetched(tmp_path, (wrong,), mirror)
    assert names(tmp_path) == [f"{wrong.name}.gz.part"]


def test_slide_tables_may_be_lacking_on_the_server(tmp_path: Path, release: Release, mirror: Any) -> None:
    """Pixels and labels may not."""
    del mirror.held[f"/pcam/{release[0].name}"]
    assert [one.state for one in fetched(tmp_path, release[:3], mirror)] == ["not on the server", "fetched", "fetched"]
    assert pcam_files.open_split(tmp_path, "train", classes=pcam_files.CLASSES).slides is None
    del mirror.held[f"/pcam/{release[4].name}.gz"]
    with pytest.raises(UserError, match=r"valid_y\.h5\.gz: \S+ has no such file \(404 Not Found\)\. A mirror may be"):
        fetched(tmp_path, release[4:5], mirror)
    mirror.answers = [(403, {})]
    with pytest.raises(UserError, match=r"test_meta\.csv: \S+ refuses \(403 Forbidden\)"):
        fetched(tmp_path, release[6:7], mirror)


def test_what_came_is_named_when_no_more_comes(tmp_path: Path, release: Release, mirror: Any) -> None:
    """And where, so that one can go on or clear it away."""
    file = release[2]
    mirror.cuts = [100_000, 0, 0]
    with pytest.raises(
        UserError, match=r"was cut\. What came is kept in .*x\.h5\.gz\.part, and the same command goes on"
    ):
        fetched(tmp_path, (file,), mirror)
    assert names(tmp_path) == [f"{file.name}.gz.part"]
    fetched(tmp_path, (file,), mirror)
    assert names(tmp_path) == [file.name]


def test_wherever_it_is_killed_names_stand_for_whole_files(
    tmp_path: Path, release: Release, mirror: Any, killed_at: Callable[..., bool]
) -> None:
    """Before every file that is opened, made, renamed or removed; then the same command ends it."""
    files, root = release[:3], tmp_path / "root"
    for nth in range(1, 200):
        shutil.rmtree(root, ignore_errors=True)
        killed = killed_at(nth, root, lambda: fetched(root, files, mirror))
        there = [file for file in files if (root / "pcam" / file.name).exists()]
        assert all(checksums.digest_file(root / "pcam" / file.name).md5 == file.md5 for file in there)
        fetched(root, files, mirror)
        assert names(root) == sorted(file.name for file in files)
        if not killed:
            break
    assert nth > 15
    assert not killed


def test_two_commands_do_not_fetch_into_one_folder(tmp_path: Path, release: Release, mirror: Any) -> None:
    """The second says so; a lock that a killed one left behind is in nobody's way."""
    (tmp_path / "pcam").mkdir()
    lock = tmp_path / "pcam" / ".fetch.lock"
    with filelock.FileLock(lock), pytest.raises(UserError, match="Another command is fetching into"):
        fetched(tmp_path, release, mirror)
    lock.touch()
    assert len(fetched(tmp_path, release[:1], mirror)) == 1
    assert not lock.exists()


def test_a_file_that_comes_to_be_there_meanwhile_is_not_replaced(tmp_path: Path, release: Release, mirror: Any) -> None:
    """Put there by hand while the command was at it."""
    path = tmp_path / "pcam" / release[2].name

    def put(_done: int, _total: int, note: str = "") -> None:
        if note.startswith("unpacking"):
            path.write_bytes(b"by hand")

    with pytest.raises(UserError, match=r"x\.h5 has come to be there meanwhile and is not replaced"):
        fetched(tmp_path, release[2:3], mirror, put)
    assert path.read_bytes() == b"by hand"


def test_a_fetching_that_comes_to_nothing_leaves_no_folder(tmp_path: Path, release: Release, mirror: Any) -> None:
    """Neither of PCam nor, where it made that, the root."""
    mirror.answers = [(403, {})]
    with pytest.raises(UserError):
        fetched(tmp_path / "new", release[2:], mirror)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, release: Release, mirror: Any) -> None:
    """As a file in the place of one."""
    (tmp_path / "pcam").write_text("a file")
    with pytest.raises(
        UserError, match=r"pcam cannot be read or written: File exists\. Name another folder with --data"
    ):
        fetched(tmp_path, release, mirror)


def test_what_it_takes_is_known_beforehand(tmp_path: Path, release: Release, mirror: Any) -> None:
    """Packed and unpacked side by side at the fullest; what came already counts as there."""
    big = ReleaseFile("big.h5", "0" * 32, 1000, Packed(800, "0" * 64, "0" * 32))
    small = ReleaseFile("small.h5", "0" * 32, 100, Packed(90, "0" * 64, "0" * 32))
    table = ReleaseFile("table.csv", "0" * 32, 50, None)
    work = Fetch(tmp_path, (), mirror.address, told=silent)
    assert work.need([]) == (0, 0, 0)
    assert work.need([table, small, big]) == (50 + 90 + 800, 50 + 100 + 1000 + 800, 3)
    assert work.need([big, small]) == (890, 1800, 2)
    (tmp_path / "pcam").mkdir()
    (tmp_path / "pcam" / "big.h5.gz.part").write_bytes(bytes(300))
    (tmp_path / "pcam" / "small.h5.gz").write_bytes(bytes(90))
    assert work.need([small, big]) == (500, 100 + 1000 + 500, 2)


def test_what_does_not_fit_is_refused(tmp_path: Path, mirror: Any) -> None:
    """With what it takes, what is free, and three ways out; where nothing is missing nothing is asked."""
    work = Fetch(tmp_path, (), mirror.address, told=silent)
    with pytest.raises(
        UserError, match=r"takes 2000000\.0 TB in .*pcam, .* are free\. Free some, .* --data-root, or fetch"
    ):
        work.require_room(pcam_fetch.Need(1, 2 * 10**18, 1))
    assert work.require_room(pcam_fetch.Need(0, 10**18, 0)) is None
    assert work.require_room(pcam_fetch.Need(1, 1, 1)) is None


@pytest.mark.needs_mount
@pytest.mark.parametrize("which", ["packed", "as it is"])
def test_a_disk_that_fills_up(small_disk: Path, mirror: Any, which: str) -> None:
    """While a file is unpacked, and while one comes: one message, no name stands for half a file, what came is kept."""
    zeros = bytes(80_000_000)
    md5 = hashlib.md5(zeros).hexdigest()
    if which == "packed":
        content = mirror.held["/pcam/x.h5.gz"] = gzip.compress(zeros, 1)
        known = Packed(len(content), hashlib.sha256(content).hexdigest(), hashlib.md5(content).hexdigest())
        file, left = ReleaseFile("x.h5", md5, 1000, known), {"x.h5.gz.part"}
    else:
        mirror.held["/pcam/x.csv"] = zeros
        file, left = ReleaseFile("x.csv", md5, 1000, None), {"x.csv.part"}
    with pytest.raises(
        UserError, match=r"^No space is left in .*pcam\. What came is kept; free some and give the same"
    ):
        fetched(small_disk, (file,), mirror)
    assert set(names(small_disk)) == left


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MB, in a namespace of its own; it goes with the process that holds it."""
    place = tmp_path / "disk"
    place.mkdir()
    held = 'mount -t tmpfs -o size=64m tmpfs "$0" && echo ready && read line'
    for flags in ("-rm", "-m"):
        command = ["unshare", flags, "sh", "-c", held, str(place)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdin is not None
            assert holder.stdout is not None
            if holder.stdout.readline() == "ready\n":
                yield Path(f"/proc/{holder.pid}/root{place}")
                holder.stdin.close()
                return
    raise AssertionError("no file system can be mounted")
