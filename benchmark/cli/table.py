"""Tables and JSON on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence

from tabulate import tabulate


def show(rows: Sequence[Mapping[str, object]], *, as_json: bool) -> None:
    """Print rows as a table, or as a JSON list.

    Args:
        rows: One mapping a row, all with the same keys.
        as_json: Whether a program is to read it.
    """
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False, default=str))
        return
    print(tabulate([list(map(_plain, row.values())) for row in rows], headers=list(rows[0]) if rows else []))


def _plain(value: object) -> object:
    """Return a cell's text without control characters, which could drive a terminal."""
    return "".join(letter for letter in value if letter.isprintable()) if isinstance(value, str) else value


def note(text: str) -> None:
    """Print a line for people, on standard error."""
    print(text, file=sys.stderr)
