"""Rows, columns and comparisons of the reported seeds, and apart from them those of the development seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from benchmark import seeds
from benchmark.records.schema import Record
from leaderboard.table import basis, cells, columns, ordering, pairs, rows
from leaderboard.table.model import Basis, Cell, Column, Group, Outcome, Row


def of(records: Sequence[Record], primary: Sequence[str]) -> tuple[Group, ...]:
    """Return the groups of a board that have records, the reported seeds first.

    Args:
        records: All records of the board, one a cell.
        primary: The comparison named beforehand.
    """
    expected = rows.suite_order(records)
    parts = {
        reported: [record for record in records if seeds.is_reported(record.seed) == reported]
        for reported in (True, False)
    }
    return tuple(_group(part, primary, expected, reported=reported) for reported, part in parts.items() if part)


def _group(records: Sequence[Record], primary: Sequence[str], expected: Sequence[str], *, reported: bool) -> Group:
    present = tuple(sorted({record.seed for record in records}))
    bare = columns.of(records)
    entrants = rows.of(records, metrics=[column.metric for column in bare], expected=expected)
    table = [_column(bare_column, entrants, present) for bare_column in bare]
    filled = tuple(
        Row(
            name=entrant.name,
            definition=entrant.definition,
            slug=entrant.slug if reported else f"{entrant.slug}_development",
            kind=entrant.kind,
            entry=entrant.entry,
            cells=tuple(column_cells[number] for _, column_cells in table),
            records=entrant.records,
        )
        for number, entrant in enumerate(entrants)
    )
    found = tuple(column for column, _ in table)
    group = Group(reported, present, found, filled, ())
    return replace(group, comparisons=pairs.compare(group, primary))


def _column(bare: Column, entrants: Sequence[rows.Entrant], present: Sequence[int]) -> tuple[Column, list[Cell]]:
    """Return a column with its basis chosen, and the cells of all entrants in it."""
    found = [cells.outcomes(_by_cell(entrant.records), bare, present) for entrant in entrants]
    column = replace(bare, basis=basis.choose(_bases(found)))
    filled = [
        cells.cell(one, column, redrawn=entrant.entry is not None and bool(entrant.entry.reads))
        for one, entrant in zip(found, entrants, strict=True)
    ]
    return replace(column, caution=ordering.caution(bare.metric, entrants, filled)), filled


def _by_cell(records: Sequence[Record]) -> dict[tuple[int, str], Record]:
    return {(record.seed, record.task.name): record for record in records}


def _bases(found: Sequence[Sequence[Outcome]]) -> list[Basis]:
    return [outcome.basis for outcomes in found for outcome in outcomes if outcome.basis is not None]
