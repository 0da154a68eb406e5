"""The digest of a file's state."""

from __future__ import annotations

import os
from pathlib import Path

from benchmark.datasets import file_state


def test_untouched_file_keeps_its_digest(tmp_path: Path) -> None:
    """Reading changes nothing, and the way to the file does not count."""
    path = tmp_path / "a"
    path.write_bytes(b"one")
    before = file_state.of_file(path)
    path.read_bytes()
    (tmp_path / "sub").mkdir()
    assert file_state.of_file(tmp_path / "sub" / ".." / "a") == before


def test_size_time_and_inode_count(tmp_path: Path) -> None:
    """Each alone changes the digest."""
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"one")
    os.utime(path, ns=(5, 5))
    before = file_state.of_file(path)
    path.write_bytes(b"three")
    os.utime(path, ns=(5, 5))
    longer = file_state.of_file(path)
    os.utime(path, ns=(5, 6))
    later = file_state.of_file(path)
    other.write_bytes(b"three")
    os.utime(other, ns=(5, 6))
    other.replace(path)
    assert len({before, longer, later, file_state.of_file(path)}) == 4
