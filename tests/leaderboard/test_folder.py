"""The folder the pages lie in."""

from __future__ import annotations

import pytest

from benchmark.errors import UserError
from leaderboard import folder


def test_stale_pages_go_and_others_stay(tmp_path) -> None:
    """Only what an earlier rendering wrote is removed, empty folders with it."""
    out = tmp_path / "out"
    folder.write(out, {"index.html": b"1", "old/page.html": b"2"})
    (out / "mine.txt").write_text("mine")
    folder.write(out, {"index.html": b"3"})
    assert (out / "index.html").read_bytes() == b"3"
    assert not (out / "old").exists()
    assert (out / "mine.txt").read_text() == "mine"


def test_someone_elses_folder_is_refused(tmp_path) -> None:
    """Nothing is written into it."""
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(UserError, match="not empty and holds no leaderboard"):
        folder.write(tmp_path, {"index.html": b"1"})
    assert (tmp_path / "index.html").read_text() == "mine"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path) -> None:
    """One message."""
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UserError, match="holds no leaderboard"):
        folder.write(tmp_path / "out", {"index.html": b"1"})


def test_a_tampered_list_removes_nothing_outside(tmp_path) -> None:
    """The list is a file anyone may have written."""
    out, other = tmp_path / "out", tmp_path / "precious"
    other.write_text("kept")
    folder.write(out, {"index.html": b"1"})
    (out / folder.MARKER).write_text('["../precious", "index.html", 3]')
    folder.write(out, {"index.html": b"1"})
    assert other.read_text() == "kept"


def test_unwritable_place_is_one_message(tmp_path) -> None:
    """A file where a folder should be made."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="--out"):
        folder.write(tmp_path / "file" / "out", {"index.html": b"1"})
