"""All boards of a set of records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from benchmark.records.schema import Record
from leaderboard.table import groups, names, notes, rows
from leaderboard.table.model import Board


def of(records: Iterable[Record]) -> tuple[Board, ...]:
    """Return the boards of records, whatever order they come in: full runs first, then by title."""
    shared: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        shared[record.board].append(record)
    boards = [_board(identifier, found) for identifier, found in shared.items()]
    return tuple(sorted(boards, key=lambda board: (board.limit is not None, board.title, board.identifier)))


def _board(identifier: str, found: Sequence[Record]) -> Board:
    records, superseded = _one_a_cell(found)
    last = max(records, key=_age)
    limits = [record.suite.limit for record in records if record.suite.limit is not None]
    primary = notes.primary_of(records)
    return Board(
        identifier=identifier,
        slug=names.board_slug(last),
        title=names.title(last),
        suite=last.suite,
        # What stood in for its images is an affair of each record.
        dataset=last.dataset.model_copy(update={"reference": None}),
        protocol=last.protocol,
        n_synthetic=last.n_synthetic,
        device=last.device,
        limit=min(limits, default=None),
        primary=primary,
        groups=groups.of(records, primary),
        notes=notes.of(records, superseded=superseded),
        records=tuple(records),
    )


def _one_a_cell(records: Sequence[Record]) -> tuple[list[Record], list[str]]:
    """Return the record of each cell that finished last, sorted, and the cells that have several unlike ones."""
    cells: dict[tuple[str, str, int, str], list[Record]] = defaultdict(list)
    for record in records:
        variant = record.variant
        cells[variant.name, rows.definition(variant), record.seed, record.task.name].append(record)
    unlike = [
        f"{name}, {task}, seed {seed}"
        for (name, _, seed, task), found in sorted(cells.items())
        if len({record.digest for record in found}) > 1
    ]
    return [max(cells[key], key=_age) for key in sorted(cells)], unlike


def _age(record: Record) -> tuple[str, str]:
    return record.run.finished, record.digest
