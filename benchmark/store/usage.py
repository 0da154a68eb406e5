"""How much a store holds."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from benchmark.store.store import Store


def by_kind(store: Store) -> Iterator[tuple[str, int, int]]:
    """Yield what, how many items and how many bytes, for every stage and every other part of the store."""
    objects = store.root / "objects"
    for kind in sorted(path for path in objects.glob("*") if path.is_dir()):
        yield kind.name, sum(1 for _ in kind.iterdir()), bytes_of(kind)
    for part in sorted(store.root.iterdir()):
        if part.is_dir() and part != objects:
            yield part.name, sum(1 for _ in part.iterdir()), bytes_of(part)


def bytes_of(folder: Path) -> int:
    """Return the bytes of all files below a folder; what goes meanwhile counts nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += Path(place, name).stat().st_size
    return total
