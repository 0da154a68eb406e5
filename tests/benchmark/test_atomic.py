"""Files are whole or not there."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest

from benchmark import atomic


def test_a_file_is_written_with_its_folders(tmp_path: Path):
    """Bytes as given, missing folders made, nothing else left behind."""
    path = tmp_path / "a" / "b" / "file.bin"
    atomic.write_bytes(path, b"\x00\r\n\xff")
    assert path.read_bytes() == b"\x00\r\n\xff"
    assert [found.name for found in path.parent.iterdir()] == ["file.bin"]


def test_json_keeps_the_order_of_keys_and_the_letters(tmp_path: Path):
    """People read these files."""
    atomic.write_json(tmp_path / "x.json", {"b": 1, "a": "Fréchet"})
    assert (tmp_path / "x.json").read_text() == '{\n  "b": 1,\n  "a": "Fréchet"\n}\n'


def test_a_value_that_is_no_json_leaves_the_file_as_it_was(tmp_path: Path):
    """NaN is refused before anything is touched."""
    path = tmp_path / "x.json"
    atomic.write_json(path, {"a": 1})
    with pytest.raises(ValueError):
        atomic.write_json(path, {"a": math.nan})
    assert json.loads(path.read_text()) == {"a": 1}


def test_a_failure_on_the_way_to_the_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch):
    """No file cut short, no leftovers."""
    path = tmp_path / "x.txt"
    atomic.write_text(path, "before")

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        atomic.write_text(path, "after" * 10_000)
    assert path.read_text() == "before"
    assert [found.name for found in tmp_path.iterdir()] == ["x.txt"]


def test_content_is_on_the_disk_before_it_is_in_place(tmp_path: Path, monkeypatch):
    """Flushed while it still lies aside, whole."""
    flushed = []
    real = os.fsync

    def watch(handle: int) -> None:
        flushed.append((os.fstat(handle).st_size, (tmp_path / "x").exists()))
        real(handle)

    monkeypatch.setattr(os, "fsync", watch)
    atomic.write_bytes(tmp_path / "x", b"12345")
    assert flushed == [(5, False)]


def test_a_kill_at_any_moment_leaves_the_old_or_the_new(tmp_path: Path, killed_at):
    """Killed at its first, second, ... file operation until none is left."""
    path = tmp_path / "x"
    kills = 0
    for nth in range(1, 50):
        path.write_text("old" * 1000)
        if not killed_at(nth, tmp_path, lambda: atomic.write_text(path, "new" * 1000)):
            break
        kills += 1
        assert path.read_text() in ("old" * 1000, "new" * 1000)
    assert kills >= 2
    assert path.read_text() == "new" * 1000
