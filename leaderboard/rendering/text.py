"""The compact table that ends `bench run`."""

from __future__ import annotations

from collections import defaultdict
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
    yield _plain(board.protocol.rules())
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
    heads = ["\n".join([head.column.name, " ".join([head.direction, *head.marks]), head.n]) for head in table.columns]
    rows = [_row(view) for view in table.generators]
    if table.controls:
        rows += [["-- controls --", *([""] * len(heads))], *(_row(view) for view in table.controls)]
    yield tabulate(rows, headers=[_plain(table.task), *map(_lines, heads)], disable_numparse=True)
    yield from (_plain(f"{mark}  {text}") for mark, text in table.notes)


def _row(view: views.RowView) -> list[str]:
    label = " ".join([view.row.label, *(f"[{badge}]" for badge in view.badges)])
    return [_plain(label), *(_plain(cell.text) for cell in view.cells)]


def _lines(head: str) -> str:
    return "\n".join(_plain(line) for line in head.split("\n"))


def _pairs(group: Group) -> Iterator[str]:
    found = [pair for comparison in group.comparisons for pair in pair_views.of(comparison)]
    if not found:
        return
    rows = [[view.metric, view.what, view.difference, view.adjusted_p, view.said] for view in found if not view.reason]
    yield ""
    yield "Comparison named beforehand (p after Holm over all pairs of a metric)"
    heads = ["metric", "difference of", "value", "p", "verdict of the first"]
    if rows:
        yield tabulate([[_plain(part) for part in row] for row in rows], headers=heads, disable_numparse=True)
    yield from map(_plain, dict.fromkeys(view.method for view in found if view.method))
    yield from (_plain(f"Not tested: {line}") for line in _untested(found))


def _untested(views_: Sequence[pair_views.PairView]) -> Iterator[str]:
    """Yield one line a reason: a metric alone where it is the reason of all its pairs, else the pairs."""
    pairs_of: dict[str, list[str]] = defaultdict(list)
    for view in views_:
        pairs_of[view.metric].append(view.what)
    for reason in dict.fromkeys(view.reason for view in views_ if view.reason):
        stopped: dict[str, list[str]] = defaultdict(list)
        for view in views_:
            if view.reason == reason:
                stopped[view.metric].append(view.what)
        whose = [
            metric if pairs == pairs_of[metric] else f"{metric} ({', '.join(pairs)})"
            for metric, pairs in stopped.items()
        ]
        yield f"{', '.join(whose)}: {reason}"


def _plain(text: str) -> str:
    return plain(text).replace("\n", " ")
