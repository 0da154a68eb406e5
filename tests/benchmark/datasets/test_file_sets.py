"""Files of folders and of archives."""

from __future__ import annotations

import copy
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from toybench import pictures

from benchmark.datasets import file_sets
from benchmark.datasets.image_reader import Unusable
from benchmark.errors import UserError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes, a note, and hidden files."""
    place = tmp_path / "images"
    pictures.write_classes(place, {"b": 2, "a": 3})
    (place / "note.txt").write_text("x")
    (place / "a" / "._0000.png").write_text("left by a Mac")
    (place / ".cache").mkdir()
    (place / ".cache" / "0.png").write_text("x")
    return place


NAMES = ("a/0000.png", "a/0001.png", "a/0002.png", "b/0000.png", "b/0001.png", "note.txt")


def test_a_folder_and_its_archive_hold_the_same(folder: Path, tmp_path: Path) -> None:
    """Sorted names, hidden files left out, the same bytes."""
    archive = file_sets.opened(pictures.pack(folder, tmp_path / "x.zip"))
    opened = file_sets.opened(folder)
    assert opened.names == archive.names == NAMES
    assert file_sets.images_of(opened) == NAMES[:-1]
    for name in NAMES:
        with file_sets.reading(opened, name) as one, file_sets.reading(archive, name) as other:
            assert one.read() == other.read() == (folder / name).read_bytes()
    assert opened.on_disk(NAMES[:2]) == [folder / name for name in NAMES[:2]]
    assert archive.on_disk(NAMES[:2]) == [tmp_path / "x.zip"]


@pytest.mark.parametrize("around", ["images/", "train/", ""])
def test_a_folder_around_all_members_is_looked_through(folder: Path, tmp_path: Path, around: str) -> None:
    """Unless it is a split's."""
    archive = file_sets.opened(pictures.pack(folder, tmp_path / "x.zip", around=around))
    inside = "train/" if around == "train/" else ""
    assert archive.names == tuple(inside + name for name in NAMES)


def test_one_class_alone_is_no_folder_around(tmp_path: Path) -> None:
    """Its images lie in it; with a table beside them it is."""
    pictures.write_classes(tmp_path / "images", {"only": 2})
    archive = file_sets.opened(pictures.pack(tmp_path / "images", tmp_path / "x.zip"))
    assert archive.names == ("only/0000.png", "only/0001.png")
    (tmp_path / "images" / "only" / "metadata.csv").write_text("x")
    archive = file_sets.opened(pictures.pack(tmp_path / "images", tmp_path / "y.zip"))
    assert archive.names == ("0000.png", "0001.png", "metadata.csv")


def test_links_are_followed_and_circles_are_not(folder: Path, tmp_path: Path) -> None:
    """A class may lie elsewhere."""
    pictures.write_classes(tmp_path / "elsewhere", {"c": 1})
    (folder / "c").symlink_to(tmp_path / "elsewhere" / "c")
    (folder / "b" / "again").symlink_to(folder)
    assert file_sets.opened(folder).names == (*NAMES[:-1], "c/0000.png", "note.txt")


def test_the_state_tells_of_every_change(folder: Path, tmp_path: Path) -> None:
    """A byte of one file; the archive's time."""
    opened = file_sets.opened(folder)
    before = opened.state(NAMES)
    assert opened.state(NAMES) == before
    with (folder / "a" / "0001.png").open("ab") as stream:
        stream.write(b"\0")
    assert opened.state(NAMES) != before
    assert opened.state(NAMES[-1:]) == opened.state(NAMES[-1:]) != before
    archive = file_sets.opened(pictures.pack(folder, tmp_path / "x.zip"))
    before = archive.state(NAMES)
    os.utime(tmp_path / "x.zip", ns=(1, 1))
    assert archive.state(NAMES) != before


def test_an_archive_is_read_by_threads_and_after_a_fork(folder: Path, tmp_path: Path) -> None:
    """Each of two processes has its own place in the file: one that shared it would read amid the other's member."""
    archive = file_sets.opened(pictures.pack(folder, tmp_path / "x.zip"))

    def all_right(_: int) -> bool:
        return all(archive.open(name).read() == (folder / name).read_bytes() for name in NAMES)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(all_right, range(40)))
    opened = archive._zip
    child = os.fork()
    if child == 0:
        os._exit(0 if all_right(0) and archive._zip is not opened else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert archive._zip is opened
    assert copy.deepcopy(archive).open(NAMES[0]).read() == (folder / NAMES[0]).read_bytes()


def test_a_member_that_cannot_be_read_is_told(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Damage is found by the checksum; one that unpacks to more than may be is not unpacked."""
    path = pictures.pack(folder, tmp_path / "x.zip")
    content = bytearray(path.read_bytes())
    content[600] ^= 1
    path.write_bytes(content)
    archive = file_sets.opened(path)
    with pytest.raises(Unusable, match="Bad CRC-32"):
        archive.open(NAMES[0])
    monkeypatch.setattr(file_sets, "MOST_BYTES", 10)
    with pytest.raises(Unusable, match=r"unpacks to \d+ bytes, more than 10"):
        archive.open(NAMES[1])


def test_a_file_that_has_gone_is_told(folder: Path) -> None:
    """As one that cannot be used."""
    opened = file_sets.opened(folder)
    (folder / NAMES[0]).unlink()
    with pytest.raises(Unusable, match="No such file"), file_sets.reading(opened, NAMES[0]):
        pass


def test_what_is_no_set_of_files_is_refused(tmp_path: Path) -> None:
    """Nothing there, no archive, a member twice, a name that is no text."""
    with pytest.raises(UserError, match=r"is not there. Expected a folder of images or a \.zip"):
        file_sets.opened(tmp_path / "nowhere")
    (tmp_path / "x.zip").write_text("x")
    with pytest.raises(UserError, match="cannot be read as a zip archive"):
        file_sets.opened(tmp_path / "x.zip")
    with zipfile.ZipFile(tmp_path / "y.zip", "w") as archive:
        archive.writestr("a/x.png", "1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a/x.png", "2")
    with pytest.raises(UserError, match="holds 'a/x.png' twice"):
        file_sets.opened(tmp_path / "y.zip")
    (tmp_path / "odd").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "odd") + b"/\xff.png")).touch()
    with pytest.raises(UserError, match=r"'\\udcff.png' is not UTF-8"):
        file_sets.opened(tmp_path / "odd")
