"""Digests that are remembered, by real SQLite, between processes and on disks that refuse."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import sys
from pathlib import Path

import pytest

from benchmark import digests
from benchmark.errors import UserError
from benchmark.store import memo as memo_module
from benchmark.store.memo import DigestMemo


@pytest.fixture
def memo(tmp_path: Path) -> DigestMemo:
    """A memo of its own file."""
    return DigestMemo(tmp_path / "digests.sqlite")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file, and not a new one: what is written now differs in time."""
    made = tmp_path / "data.bin"
    made.write_bytes(b"one")
    os.utime(made, ns=(10**18, 10**18))
    return made


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def change_behind(path: Path, content: bytes) -> None:
    """Change a file so that size, time and inode do not tell."""
    before = path.stat()
    with path.open("r+b") as stream:
        stream.write(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def test_a_digest_is_the_sha_256_of_the_bytes(memo, path):
    """The first time and the next."""
    assert [memo.of_file(path), memo.of_file(path)] == [sha256(b"one")] * 2


def test_an_unchanged_file_is_not_read_again(memo, path):
    """Its old digest is given for bytes that were changed behind all that is looked at."""
    memo.of_file(path)
    change_behind(path, b"two")
    assert memo.of_file(path) == sha256(b"one")


def test_another_size_is_seen(memo, path):
    """Though the time is the same."""
    memo.of_file(path)
    path.write_bytes(b"longer")
    os.utime(path, ns=(10**18, 10**18))
    assert memo.of_file(path) == sha256(b"longer")


def test_another_time_is_seen(memo, path):
    """Though it differs by a nanosecond only, and the size is the same."""
    memo.of_file(path)
    change_behind(path, b"two")
    os.utime(path, ns=(10**18, 10**18 + 1))
    assert memo.of_file(path) == sha256(b"two")


def test_a_changed_file_is_remembered_as_it_is_now(memo, path):
    """Its old state makes room for the new one."""
    memo.of_file(path)
    path.write_bytes(b"longer")
    memo.of_file(path)
    change_behind(path, b"LONGER")
    assert memo.of_file(path) == sha256(b"longer")


def test_another_file_in_its_place_is_seen(memo, path, tmp_path):
    """Size and time are the same, the inode is not."""
    memo.of_file(path)
    other = tmp_path / "other"
    other.write_bytes(b"two")
    os.utime(other, ns=(10**18, 10**18))
    other.replace(path)
    assert memo.of_file(path) == sha256(b"two")


def test_files_are_told_apart_by_path(memo, path):
    """A hard link has size, time and inode in common with its file, and is looked at for itself."""
    link = path.with_name("link")
    os.link(path, link)
    memo.of_file(path)
    change_behind(path, b"two")
    assert memo.of_file(link) == sha256(b"two")


def test_a_symbolic_link_is_its_target(memo, path):
    """Remembered under one path, however it is called."""
    link = path.with_name("link")
    link.symlink_to(path)
    memo.of_file(link)
    change_behind(path, b"two")
    assert memo.of_file(path) == sha256(b"one")


def test_digests_are_remembered_by_the_next_process(memo, path, tmp_path):
    """They are in the file, not in the object."""
    memo.of_file(path)
    change_behind(path, b"two")
    assert DigestMemo(tmp_path / "digests.sqlite").of_file(path) == sha256(b"one")


def test_a_file_that_changes_while_it_is_read_is_not_remembered(memo, path, start, ended):
    """What was hashed is not what its size and time were of; they may come back."""

    def child() -> None:
        def watch(event, arguments) -> None:
            if event == "open" and str(arguments[0]) == str(path) and arguments[1] == "r":
                with path.open("ab") as stream:
                    stream.write(b"!")

        sys.addaudithook(watch)
        assert memo.of_file(path) == sha256(b"one!")

    assert ended(start(child))
    os.truncate(path, 3)
    os.utime(path, ns=(10**18, 10**18))
    assert memo.of_file(path) == sha256(b"one")


def test_processes_share_a_memo(tmp_path, start, ended):
    """Three write to one memo at once; none fails, all are right."""
    paths = [tmp_path / str(number) for number in range(8)]
    for file in paths:
        file.write_bytes(file.name.encode())

    def work() -> None:
        shared = DigestMemo(tmp_path / "shared.sqlite")
        for file in paths:
            assert shared.of_file(file) == sha256(file.name.encode())

    assert ended(*(start(work) for _ in range(3)))


def test_a_missing_file_is_an_error_of_its_own(memo, tmp_path):
    """Also where it was there before."""
    path = tmp_path / "gone"
    with pytest.raises(FileNotFoundError):
        memo.of_file(path)
    path.write_bytes(b"x")
    memo.of_file(path)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        memo.of_file(path)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda place: place.write_bytes(b"this is no database, " * 100), "file is not a database"),
        (lambda place: place.mkdir(), "unable to open database file"),
    ],
)
def test_a_memo_that_cannot_be_used_is_one_message(tmp_path, make, reason):
    """What it is, and that nothing is lost with it."""
    place = tmp_path / "digests.sqlite"
    make(place)
    with pytest.raises(UserError) as error:
        DigestMemo(place)
    assert str(error.value) == (
        f"{place} cannot be used: {reason}. It only remembers digests: delete it if it is damaged, "
        "or free some space if the disk is full."
    )


def test_without_a_database_every_file_is_hashed_again(path):
    """Where nothing may be written."""
    memo = DigestMemo(None)
    before = memo.of_file(path)
    path.write_bytes(b"other")
    assert memo.of_file(path) != before


def test_a_memo_in_no_folder_is_one_message(tmp_path):
    """SQLite makes no folders."""
    with pytest.raises(UserError, match="cannot be used: unable to open database file"):
        DigestMemo(tmp_path / "nowhere" / "digests.sqlite")


@pytest.mark.parametrize("damage", [Path.unlink, lambda place: place.write_bytes(b"no database " * 1000)])
def test_a_memo_that_breaks_under_way_costs_time_and_no_result(memo, path, tmp_path, damage):
    """Deleted or overwritten while it is in use: files are hashed as if there were none."""
    memo.of_file(path)
    damage(tmp_path / "digests.sqlite")
    change_behind(path, b"two")
    assert memo.of_file(path) == sha256(b"two")


def test_a_full_disk_costs_time_and_no_result(memo, path, start, ended):
    """No byte can be written; the digest is the right one and is not remembered."""

    def child() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        assert memo.of_file(path) == sha256(b"one")

    assert ended(start(child))
    change_behind(path, b"two")
    assert memo.of_file(path) == sha256(b"two")


def test_a_set_has_the_digest_of_its_files_by_name(memo, tmp_path):
    """As `digests.of_files` has it, whether anything is remembered or not."""
    files = {f"f{number}": tmp_path / f"f{number}" for number in range(5)}
    for name, place in files.items():
        place.write_text(name)
    expected = digests.of_files({name: sha256(name.encode()) for name in files})
    assert [memo.of_files(files), memo.of_files(files), DigestMemo(None).of_files(files)] == [expected] * 3


def test_of_a_set_only_what_changed_is_read_again(memo, path, tmp_path, monkeypatch):
    """And nothing where nothing did, nor is each file then asked for."""
    other = tmp_path / "other.bin"
    other.write_bytes(b"other")
    files, read = {"one": path, "two": other}, []
    plain = digests.of_file
    monkeypatch.setattr(digests, "of_file", lambda place: (read.append(place.name), plain(place))[1])
    first = memo.of_files(files)
    assert memo.of_files(files) == first
    assert read == ["data.bin", "other.bin"]
    assert memo.of_file(path) == sha256(b"one")
    path.write_bytes(b"changed")
    assert memo.of_files(files) == digests.of_files({"one": sha256(b"changed"), "two": sha256(b"other")}) != first
    assert read == ["data.bin", "other.bin", "data.bin"]
    renamed = memo.of_files({"one": path, "three": other})
    assert renamed == digests.of_files({"one": sha256(b"changed"), "three": sha256(b"other")})
    assert len(read) == 3


def test_a_large_set_is_looked_up_at_once(memo, tmp_path, monkeypatch):
    """Not in a transaction a file, which would take hours for a folder of hundreds of thousands."""
    files = {f"{number}": tmp_path / f"{number}" for number in range(2500)}
    for place in files.values():
        place.touch()
    opened = []
    connect = memo_module.sqlite3.connect
    monkeypatch.setattr(
        memo_module.sqlite3, "connect", lambda *some, **more: (opened.append(1), connect(*some, **more))[1]
    )
    memo.of_files(files)
    assert len(opened) < 12
    opened.clear()
    memo.of_files(files)
    assert len(opened) == 1
