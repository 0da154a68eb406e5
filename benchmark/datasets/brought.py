"""What datasets have in common whose files the user brings: none of them makes any."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from benchmark.contracts import progress
from benchmark.errors import UserError


class Brought:
    """Base of such datasets."""

    name: ClassVar[str]
    """By which suites name it."""
    made: ClassVar[bool] = False
    advice: ClassVar[str]
    """What to fetch, and where to put it."""

    def made_bytes(self) -> int:
        """Return 0: nothing is made."""
        return 0

    def make(self, folder: Path, progress: progress.Progress) -> None:
        """Refuse: the files are the user's.

        Raises:
            UserError: Always.
        """
        raise UserError(f"Dataset '{self.name}' cannot be made in {folder}. {self.advice}")
