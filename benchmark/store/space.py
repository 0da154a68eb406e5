"""Whether a plan fits on the disk."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmark import disk
from benchmark.errors import UserError

_MARGIN = 50_000_000
"""Bytes kept free for records, logs and the tracker."""


def require(folder: Path, needed: int, *, pack: str | None = None) -> None:
    """Refuse a plan, or a pack to be imported, that will not fit.

    Args:
        folder: The store.
        needed: Bytes.
        pack: Name of the pack; None for a plan.

    Raises:
        UserError: If less than `needed` bytes and a margin are free where the store is.
    """
    free = shutil.disk_usage(disk.nearest(folder)).free
    if free < needed + _MARGIN:
        asked, there = disk.in_words(needed + _MARGIN), disk.in_words(free)
        raise UserError(
            f"{pack or 'This run'} needs about {asked} in {folder}, where {there} are free. Free some (bench store gc)"
            + (", name another folder with --store, or use --limit." if pack is None else " or name another --store.")
        )


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
