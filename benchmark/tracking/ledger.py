"""Which records were sent where: a cache that spares a run the import of MLflow when there is nothing to send."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from benchmark.tracking.target import Target


class Ledger:
    """Digests of records that are known to be tracked in one place. The truth is what a search there finds."""

    def __init__(self, target: Target) -> None:
        """Read what was noted."""
        self._target = target
        self._known: set[str] = set()
        self.reload()

    def reload(self) -> None:
        """Read it again: another process notes what it sends."""
        with contextlib.suppress(OSError):
            self._known |= set(self._path.read_text(encoding="utf-8").split())

    def __contains__(self, digest: str) -> bool:
        """Tell whether a record is known to be there."""
        return digest in self._known

    def add(self, digests: Iterable[str]) -> None:
        """Note records that are there now. A ledger that cannot be written costs a search later, nothing else."""
        new = [digest for digest in digests if digest not in self._known]
        self._known |= set(new)
        if new:
            with contextlib.suppress(OSError), self._path.open("a", encoding="utf-8") as stream:
                stream.write("".join(f"{digest}\n" for digest in new))

    @property
    def _path(self) -> Path:
        # Looked up each time: a database has no inode, thus no identity, before it is made.
        path = self._target.store / "tracking" / f"{self._target.identity}.sent"
        path.parent.mkdir(exist_ok=True)
        return path
