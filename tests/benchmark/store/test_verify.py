"""Every kind of damage is found and named, and nothing else is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmark.store import verify

FILES = {"a.bin": b"some bytes", "sub/b.bin": b"others", "empty": b""}


@pytest.fixture
def folder(store, finish) -> Path:
    """A finished step of several files; a sound one stands beside it."""
    finish(store, FILES, n=2)
    return finish(store, FILES, n=1).folder


def the_problem(store, folder: Path) -> str:
    """Return what is said of a step, of which there is one problem and of no other step any."""
    ((kind, key, problem),) = verify.damaged(store)
    assert (kind, key) == ("fit", folder.name)
    return problem


def test_a_sound_store_has_no_damage(store, folder):
    """Nor has an empty one."""
    assert list(verify.damaged(store)) == []


def test_an_empty_store_has_no_damage(store):
    """Nothing to look at is nothing wrong."""
    assert list(verify.damaged(store)) == []


@pytest.mark.parametrize("length", [0, 1, 9])
def test_a_file_cut_short(store, folder, length):
    """To nothing, to a byte, by a byte."""
    os.truncate(folder / "a.bin", length)
    assert the_problem(store, folder) == "a.bin: changed since it was written"


def test_a_longer_file(store, folder):
    """An empty one that is no longer empty."""
    (folder / "empty").write_bytes(b"\0")
    assert the_problem(store, folder) == "empty: changed since it was written"


@pytest.mark.parametrize("place", range(6))
def test_one_flipped_bit(store, folder, place):
    """Wherever it is, though size and time say that nothing happened."""
    path = folder / "sub" / "b.bin"
    assert store.memo.of_file(path)
    before, content = path.stat(), bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert the_problem(store, folder) == "sub/b.bin: changed since it was written"


def test_a_missing_file(store, folder):
    """Named by its path in the output."""
    (folder / "sub" / "b.bin").unlink()
    assert the_problem(store, folder) == "sub/b.bin: missing"


def test_a_file_that_does_not_belong(store, folder):
    """A result is what was written and no more."""
    (folder / "sub" / "c.bin").write_bytes(b"")
    assert the_problem(store, folder) == "sub/c.bin: not part of the output"


def test_a_file_under_another_name(store, folder):
    """Missing under its own; the first by name is said."""
    (folder / "a.bin").rename(folder / "0.bin")
    assert the_problem(store, folder) == "0.bin: not part of the output"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "ValidationError"), (b"{", "ValidationError"), (b"\xff", "ValidationError"), (None, "FileNotFoundError")],
)
def test_a_manifest_that_cannot_be_read(store, folder, content, reason):
    """Empty, cut short, no text, gone."""
    (folder / "step.json").unlink()
    if content is not None:
        (folder / "step.json").write_bytes(content)
    assert the_problem(store, folder) == f"no readable manifest: {reason}"


@pytest.mark.parametrize(("before", "after"), [('"n": 1', '"n": 9'), ('"bytes": 10', '"bytes": 11')])
def test_an_altered_manifest(store, folder, before, after):
    """In its recipe, or in what it says of a file's size."""
    text = (folder / "step.json").read_text()
    assert before in text
    (folder / "step.json").write_text(text.replace(before, after))
    problem = the_problem(store, folder)
    assert problem == ("step.json" if "n" in before[:3] else "a.bin") + ": changed since it was written"


def test_a_step_under_a_key_that_is_not_its_own(store, folder):
    """Renamed by hand."""
    moved = folder.rename(folder.with_name("0" * 64))
    assert the_problem(store, moved) == "step.json: changed since it was written"


def test_a_file_the_disk_no_longer_reads(store, folder, write_out):
    """An input/output error is said of the file; its manifest is sound."""
    (folder / "empty").unlink()
    (folder / "empty").symlink_to("/proc/self/mem")  # A file of no bytes whose reading fails.
    assert the_problem(store, folder) == f"{folder}: cannot be read: Input/output error"


def test_a_file_that_may_not_be_read(public_folder, finish, as_nobody):
    """Said with its path."""
    from benchmark.store.store import Store

    store = Store(public_folder / "store")
    store.root.chmod(0o777)
    path = finish(store, FILES).folder / "sub" / "b.bin"
    path.chmod(0o000)

    def look() -> None:
        ((_, _, problem),) = verify.damaged(store)
        assert problem == f"{path}: cannot be read: Permission denied"

    assert as_nobody(look)


def test_all_damaged_steps_are_named(store, finish):
    """One line each, in the order of the store."""
    made = [finish(store, FILES, n=n, kind=kind) for kind, n in (("sample", 1), ("fit", 1), ("fit", 2), ("fit", 3))]
    for result in made[:3]:
        (result.folder / "a.bin").unlink()
        (result.folder / "empty").unlink()
    found = [(kind, key) for kind, key, _ in verify.damaged(store)]
    assert found == sorted((result.manifest.kind, result.manifest.key) for result in made[:3])
