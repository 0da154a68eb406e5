"""A board as CSV: one line a variant, metric and group of seeds, numbers with every bit."""

from __future__ import annotations

import csv
import io
from typing import Any

from leaderboard.table import names
from leaderboard.table.model import Board, Cell, Column, Group, Row

COLUMNS = (
    "board", "title", "trial_limit", "protocol", "dataset", "official", "device", "group", "group_seeds",
    "variant", "definition", "kind", "task", "metric", "extractor", "unit", "direction", "state", "value", "low",
    "high", "level", "method", "n", "seeds", "compared", "notes", "reason", "dirty",
    "imported_reference", "research_use",
)  # fmt: skip
"""The header."""

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def of(board: Board) -> str:
    """Return the board as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for group in board.groups:
        for row in group.rows:
            for column, cell in zip(group.columns, row.cells, strict=True):
                line = _of_board(board) | _of_row(group, row) | _of_cell(column, cell)
                writer.writerow([_field(line[name]) for name in COLUMNS])
    return text.getvalue()


def _of_board(board: Board) -> dict[str, Any]:
    return {
        "board": board.identifier,
        "title": board.title,
        "trial_limit": board.limit,
        "protocol": f"{board.protocol.describe()}; {board.protocol.rules()}",
        "dataset": board.dataset.identity.name,
        "official": board.dataset.identity.official,
        "device": board.device,
        "research_use": names.RESEARCH_USE,
    }


def _of_row(group: Group, row: Row) -> dict[str, Any]:
    return {
        "group": "reported" if group.reported else "development",
        "group_seeds": " ".join(map(str, group.seeds)),
        "variant": row.name,
        "definition": row.definition,
        "kind": row.kind,
        "dirty": row.dirty,
        "imported_reference": row.imported,
    }


def _of_cell(column: Column, cell: Cell) -> dict[str, Any]:
    interval = cell.interval
    return {
        "task": column.task,
        "metric": column.name,
        "extractor": column.extractor,
        "unit": column.metric.unit,
        "direction": column.metric.direction,
        "state": cell.state,
        "value": cell.value,
        "low": None if interval is None else interval.low,
        "high": None if interval is None else interval.high,
        "level": None if interval is None else interval.level,
        "method": cell.method,
        "n": names.n_in_words(cell.n, cell.slides),
        "seeds": " ".join(map(str, cell.seeds)),
        "compared": cell.compared,
        "notes": "; ".join(cell.notes),
        "reason": cell.reason,
    }


def _field(value: object) -> object:
    """Return a field: numbers exact, truth as yes or no, text that no spreadsheet takes for a formula."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA):
        return f"'{value}"
    return "" if value is None else value
