"""A board as a JSON value: everything the other renderings show, numbers with every bit."""

from __future__ import annotations

import dataclasses
from typing import Any

from benchmark.statistics.interval import Interval
from leaderboard.table import names
from leaderboard.table.model import Board, Cell, Column, Comparison, Group, Outcome, Row

FORMAT = 1
"""Raised with every change of the shape."""


def of(board: Board) -> dict[str, Any]:
    """Return the board as plain values."""
    return {
        "format": FORMAT,
        "research_use": names.RESEARCH_USE,
        "board": board.identifier,
        "title": board.title,
        "trial_limit": board.limit,
        "suite": board.suite.model_dump(mode="json"),
        "dataset": board.dataset.model_dump(mode="json"),
        "protocol": board.protocol.model_dump(mode="json")
        | {"digest": board.protocol.digest, "rules": board.protocol.rules()},
        "n_synthetic": board.n_synthetic,
        "device": board.device,
        "primary": list(board.primary),
        "notes": list(board.notes),
        "groups": [_group(group) for group in board.groups],
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "kind": "reported" if group.reported else "development seeds, not for reporting",
        "seeds": list(group.seeds),
        "columns": [_column(column) for column in group.columns],
        "rows": [_row(row, group.columns) for row in group.rows],
        "comparisons": [_comparison(comparison) for comparison in group.comparisons],
    }


def _column(column: Column) -> dict[str, Any]:
    basis = column.basis
    return {
        "task": column.task,
        "name": column.name,
        "extractor": column.extractor,
        "metric": dataclasses.asdict(column.metric),
        "caution": column.caution,
        "basis": None if basis is None else basis._asdict() | {"n": dict(basis.n)},
    }


def _row(row: Row, columns: tuple[Column, ...]) -> dict[str, Any]:
    return {
        "name": row.name,
        "definition": row.definition,
        "kind": row.kind,
        "trial": row.trial,
        "dirty": row.dirty,
        "imported_reference": row.imported,
        "variant": None if row.entry is None else row.entry.model_dump(mode="json"),
        "records": [record.digest for record in row.records],
        "cells": [
            {"task": column.task, "name": column.name} | cell_values(cell)
            for column, cell in zip(columns, row.cells, strict=True)
        ],
    }


def cell_values(cell: Cell) -> dict[str, Any]:
    """Return a cell as plain values."""
    return {
        "state": cell.state,
        "value": cell.value,
        "interval": _interval(cell.interval),
        "method": cell.method,
        "over_seeds": cell.over_seeds,
        "n": dict(cell.n),
        "slides": dict(cell.slides),
        "seeds": list(cell.seeds),
        "compared": cell.compared,
        "notes": list(cell.notes),
        "reason": cell.reason,
        "by_seed": [_outcome(outcome) for outcome in cell.outcomes],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    value = outcome.value
    return {
        "seed": outcome.seed,
        "state": outcome.state,
        "value": outcome.number,
        "interval": None if value is None else _interval(value.interval),
        "n": {} if value is None else dict(value.n),
        "slides": {} if value is None else dict(value.slides),
        "samples": {} if value is None else dict(value.samples),
        "note": None if value is None else value.note,
        "reason": outcome.reason,
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "task": comparison.column.task,
        "name": comparison.column.name,
        "pairs": [
            dataclasses.asdict(pair) | {"interval": _interval(pair.interval), "zero_inside": pair.zero_inside}
            for pair in comparison.pairs
        ],
        "ranks": [rank._asdict() for rank in comparison.ranks],
    }


def _interval(interval: Interval | None) -> dict[str, Any] | None:
    return None if interval is None else dataclasses.asdict(interval)
