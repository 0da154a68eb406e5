"""Whether a plan fits on the disk."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmark.errors import UserError

_MARGIN = 50_000_000
"""Bytes kept free for records, logs and the tracker."""


def require(folder: Path, needed: int) -> None:
    """Refuse a plan that will not fit.

    Raises:
        UserError: If less than `needed` bytes and a margin are free where the store is.
    """
    free = shutil.disk_usage(nearest(folder)).free
    if free < needed + _MARGIN:
        raise UserError(
            f"This run needs about {in_words(needed + _MARGIN)} in {folder}, where {in_words(free)} are free. "
            "Free some (bench store gc), name another folder with --store, or use --limit."
        )


def nearest(folder: Path) -> Path:
    """Return a folder, or the nearest one above it that is there."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())


def try_to_write(folder: Path, *, prefix: str = ".", suffix: str = ".part") -> None:
    """Write into a folder, leaving nothing behind: what its mode says is not all, as under ``/proc``.

    Args:
        folder: The folder.
        prefix: How the file's name begins while it is there.
        suffix: How it ends.

    Raises:
        OSError: If it cannot be written.
    """
    with tempfile.TemporaryFile(prefix=prefix, suffix=suffix, dir=folder):
        pass


def in_words(count: int) -> str:
    """Return a number of bytes for people: ``1.4 GB``."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if round(size, 1) < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
