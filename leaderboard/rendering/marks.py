"""Letters for the notes below a table."""

from __future__ import annotations


class Marks:
    """Gives each text a letter, the same text the same letter."""

    def __init__(self) -> None:
        """Start without any."""
        self._known: dict[str, str] = {}

    def of(self, text: str) -> str:
        """Return the mark of a text."""
        return self._known.setdefault(text, letters(len(self._known)))

    def all(self) -> tuple[tuple[str, str], ...]:
        """Return mark and text of every note, in the order in which they were given."""
        return tuple((mark, text) for text, mark in self._known.items())


def letters(number: int) -> str:
    """Return a, b, ..., z, aa, ab, ... for 0, 1, ..."""
    before = letters(number // 26 - 1) if number >= 26 else ""
    return before + chr(ord("a") + number % 26)
