"""The folder the pages lie in: written file by file, cleared only of what was written before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from benchmark import atomic
from benchmark.errors import UserError

MARKER = "files.json"
"""Lists the files of the last rendering; a folder that holds it is a leaderboard's own."""


def write(out: Path, files: Mapping[str, bytes]) -> None:
    """Bring a folder to hold exactly these files.

    Files that an earlier rendering wrote and this one does not are removed; anything else is left alone.

    Args:
        out: The folder; made when missing.
        files: Contents by relative path.

    Raises:
        UserError: If the folder holds anything but a leaderboard, or cannot be written.
    """
    try:
        before = _earlier(out)
        for name, content in files.items():
            path = out / name
            if not path.is_file() or path.read_bytes() != content:
                atomic.write_bytes(path, content)
        atomic.write_json(out / MARKER, sorted(files))
        _remove(out, before - set(files))
    except OSError as error:
        raise UserError(
            f"The pages cannot be written to {out}: {error.strerror}. Name another folder with --out."
        ) from None


def _earlier(out: Path) -> set[str]:
    """Return what an earlier rendering wrote, or refuse a folder that is someone else's."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return set()
    try:
        names = json.loads((out / MARKER).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise UserError(
            f"{out} is not empty and holds no leaderboard. Name a new or empty folder with --out."
        ) from None
    return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()


def _remove(out: Path, names: set[str]) -> None:
    root = out.resolve()
    for name in sorted(names):
        path = (out / name).resolve()
        if not path.is_relative_to(root):
            continue
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == root or not folder.is_dir() or any(folder.iterdir()):
                break
            folder.rmdir()
