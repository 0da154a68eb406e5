"""How work tells how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called by long work whenever some of it is done."""

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """Report that `done` of `total` units are done; `note` says of what."""
        ...


def silent(done: int, total: int, note: str = "") -> None:
    """Report nothing."""
