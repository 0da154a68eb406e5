"""Tables and JSON on standard output."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence

from tabulate import tabulate

from benchmark.errors import plain


def show(rows: Sequence[Mapping[str, object]], *, as_json: bool) -> None:
    """Print rows as a table, or as a JSON list.

    Args:
        rows: One mapping a row, all with the same keys.
        as_json: Whether a program is to read it.
    """
    if as_json:
        print_json(rows)
        return
    print(tabulate([list(map(_plain, row.values())) for row in rows], headers=list(rows[0]) if rows else []))


def print_json(value: object) -> None:
    """Print a JSON value."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    # JSON escapes the control characters up to 31 only; those from 127 on can drive a terminal just as well.
    print(re.sub(r"[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text))


def _plain(value: object) -> object:
    return plain(value).replace("\n", " ") if isinstance(value, str) else value


def note(text: str) -> None:
    """Print a line for people, on standard error."""
    print(text, file=sys.stderr)
