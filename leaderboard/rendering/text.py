"""The compact table that ends `bench run`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tabulate import tabulate

from benchmark.errors import plain
from leaderboard.rendering import pair_views, views
from leaderboard.table import names
from leaderboard.table.model import Board, Group


def of_boards(boards: Sequence[Board]) -> str:
    """Return the tables of boards: one row a variant, one column a metric, each cell ``value [low, high]``."""
    return "\n\n".join("\n".join(_board(board)) for board in boards)


def _board(board: Board) -> Iterator[str]:
    yield _plain(board.title)
    if trial := names.trial(board.limit):
        yield trial
    yield _plain(f"{board.protocol.describe()}; {board.n_synthetic} synthetic images a variant and seed")
    for group in board.groups:
        yield ""
        yield names.seeds_in_words(group.seeds) if group.reported else _development(group)
        for table in views.tables(group):
            yield ""
            yield from _table(table)
        yield from _pairs(group)
    yield ""
    yield from (_plain(f"Note: {note}") for note in board.notes)
    yield names.RESEARCH_USE


def _development(group: Group) -> str:
    return f"{names.DEVELOPMENT.upper()}: {names.seeds_in_words(group.seeds)}"


def _table(table: views.TableView) -> Iterator[str]:
    heads = ["\n".join([head.column.name, " ".join([head.direction, *head.marks]), _n(head)]) for head in table.columns]
    rows = [_row(view) for view in table.generators]
    if table.controls:
        rows += [["-- controls --", *([""] * len(heads))], *(_row(view) for view in table.controls)]
    yield tabulate(rows, headers=[_plain(table.task), *map(_lines, heads)], disable_numparse=True)
    yield from (_plain(f"{mark}  {text}") for mark, text in table.notes)


def _n(head: views.ColumnView) -> str:
    return f"N: {head.n}" if head.n else "N in each cell"


def _row(view: views.RowView) -> list[str]:
    label = " ".join([view.row.label, *(f"[{badge}]" for badge in view.badges)])
    return [_plain(label), *(_plain(cell.text) for cell in view.cells)]


def _lines(head: str) -> str:
    return "\n".join(_plain(line) for line in head.split("\n"))


def _pairs(group: Group) -> Iterator[str]:
    found = [pair for comparison in group.comparisons for pair in pair_views.of(comparison)]
    if not found:
        return
    rows = [[view.metric, view.what, view.difference, view.adjusted_p, view.verdict] for view in found]
    yield ""
    yield "Comparison named beforehand (p after Holm over all pairs of a metric)"
    heads = ["metric", "difference of", "value", "p", "verdict of the first"]
    yield tabulate([[_plain(part) for part in row] for row in rows], headers=heads, disable_numparse=True)
    reasons = dict.fromkeys(view.reason for view in found if view.reason)
    yield from (_plain(f"Not tested: {reason}") for reason in reasons)


def _plain(text: str) -> str:
    return plain(text).replace("\n", " ")
