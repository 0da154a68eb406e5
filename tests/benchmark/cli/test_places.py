"""Folders that a user names for results."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmark.cli.places import require_folder
from benchmark.errors import UserError


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    """One that is there already stays as it is."""
    require_folder(tmp_path / "a" / "b")
    (tmp_path / "a" / "b" / "kept").touch()
    require_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / "kept").exists()


def test_what_can_be_no_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file, and a folder that may not be written to (which root may: the answer is the system's)."""
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UserError, match=f"--out {place} cannot be made a folder: .* Give another place"):
            require_folder(place)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UserError, match="cannot be written to"):
        require_folder(tmp_path)
