"""Files that appear together or not at all."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmark import atomic, errors


@contextlib.contextmanager
def together(paths: Sequence[Path]) -> Iterator[tuple[Path, ...]]:
    """Give temporary paths to write to, and move what was written to `paths` on leaving without an error.

    Temporary files lie beside their targets, so the move is a rename. Existing files are never replaced.

    Args:
        paths: Where the files are to end up. Their folders are made.

    Yields:
        One temporary path for each of `paths`.

    Raises:
        UserError: One of `paths` exists already.
    """
    mark = uuid.uuid4().hex[:12]
    aside = tuple(path.with_name(f".{path.name}.{mark}.part") for path in paths)
    _refuse_existing(paths)
    for folder in {path.parent for path in paths}:
        folder.mkdir(parents=True, exist_ok=True)
    try:
        yield aside
        for path in aside:
            _flush(path)
        _publish(aside, paths)
    finally:
        for path in aside:
            path.unlink(missing_ok=True)


def _publish(aside: Sequence[Path], paths: Sequence[Path]) -> None:
    """Rename each file into place; take back those already in place if one fails."""
    _refuse_existing(paths)
    done: list[Path] = []
    try:
        for source, target in zip(aside, paths, strict=True):
            source.rename(target)
            done.append(target)
    except BaseException:
        for target in done:
            target.unlink(missing_ok=True)
        raise
    for folder in {path.parent for path in paths}:
        atomic.sync_folder(folder)


def _refuse_existing(paths: Sequence[Path]) -> None:
    """Raise if one of `paths` exists."""
    for path in paths:
        if path.exists():
            raise errors.UserError(
                f"{path} exists already and is not replaced. Write to another folder, or remove it first."
            )


def _flush(path: Path) -> None:
    """Wait until a closed file is on the disk."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
