"""A board as Markdown."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from tabulate import tabulate

from leaderboard.rendering import pair_views, views
from leaderboard.table import names, over_seeds
from leaderboard.table.model import Board, Group

_ACTIVE = re.compile(r"([\\`*_{}\[\]|#~!])")


def of(board: Board) -> str:
    """Return the board as Markdown, with every number's interval, N and protocol."""
    return "\n\n".join(_blocks(board)) + "\n"


def escape(text: str) -> str:
    """Return text that Markdown shows as it stands, on one line, without any markup taking effect."""
    one_line = " ".join(text.split())
    return _ACTIVE.sub(r"\\\1", html.escape(one_line, quote=False))


def _blocks(board: Board) -> Iterator[str]:
    yield f"# {escape(board.title)}"
    if trial := names.trial(board.limit):
        yield f"**{trial}**"
    yield f"*{names.RESEARCH_USE}*"
    yield escape(board.suite.summary)
    yield "\n".join(f"- {name}: {escape(value)}" for name, value in facts(board))
    for group in board.groups:
        yield from _group(group)
    if board.notes:
        yield "## Notes"
        yield "\n".join(f"- {escape(note)}" for note in board.notes)
    yield "## What the numbers mean"
    yield from _metrics(board)


def facts(board: Board) -> list[tuple[str, str]]:
    """Return what all numbers of a board share, as name and value."""
    return [
        ("Suite", board.suite.identifier),
        ("Dataset", names.dataset(board.dataset.identity)),
        ("Dataset stored as", "pixels as they are" if board.dataset.codec == "none" else board.dataset.codec),
        ("Protocol", f"{board.protocol.describe()} (digest {board.protocol.digest})"),
        ("Rules", board.protocol.rules()),
        ("N", f"{board.n_synthetic} synthetic images a variant and seed"),
        ("Device", board.device),
        ("Comparison named beforehand", ", ".join(board.primary) or "none"),
    ]


def _group(group: Group) -> Iterator[str]:
    seeds = names.seeds_in_words(group.seeds)
    yield f"## Results, {seeds}" if group.reported else f"## {names.DEVELOPMENT}: {seeds}"
    for table in views.tables(group):
        yield f"### {escape(table.task)}"
        yield _table(table)
        if table.notes:
            yield "\n".join(f"- {mark}: {escape(text)}" for mark, text in table.notes)
    if group.comparisons:
        yield "### Comparison named beforehand"
        yield _pairs(group)
        yield f"{pair_views.FAMILY[0].upper()}{pair_views.FAMILY[1:]}."
        ranks = [(one.column.name, "; ".join(pair_views.ranks(one))) for one in group.comparisons if one.ranks]
        if ranks:
            yield "\n".join(f"- {escape(name)}: {escape(text)}" for name, text in ranks)


def _table(table: views.TableView) -> str:
    heads = ["variant", "kind"]
    heads += [_head(head) for head in table.columns]
    rows = []
    for view in table.rows:
        label = " ".join([view.row.label, *(f"({badge})" for badge in view.badges)])
        rows.append([label, view.row.kind if view.row.entry else "not run", *(cell.text for cell in view.cells)])
    return _pipes(heads, rows)


def _head(head: views.ColumnView) -> str:
    direction = " ".join([head.direction, *head.marks])
    return f"{head.column.name} ({direction}; {head.n})"


def _pairs(group: Group) -> str:
    heads = ["metric", "difference", "value", "zero", "p after Holm", "verdict of the first", "how, or why not"]
    views_ = [view for comparison in group.comparisons for view in pair_views.of(comparison)]
    rows = [
        [one.metric, one.what, one.difference, one.zero, one.adjusted_p, one.said, one.method or one.reason]
        for one in views_
    ]
    return _pipes(heads, rows)


def _metrics(board: Board) -> Iterator[str]:
    known = {(column.task, column.metric.name): column for group in board.groups for column in group.columns}
    for (task, _), column in known.items():
        metric = column.metric
        bounds = " to ".join("no bound" if end is None else f"{end:g}" for end in metric.bounds)
        yield f"### {escape(metric.title)} (`{escape(metric.name)}`, {escape(task)})"
        yield "\n".join(
            f"- {name}: {escape(text)}"
            for name, text in (
                ("Definition", metric.definition),
                ("Estimand", f"{metric.estimand}; {over_seeds.ESTIMAND}"),
                ("Direction", column.caution or views.DIRECTIONS[metric.direction]),
                ("Bounds", f"{bounds}, unit {metric.unit}"),
                ("Bounded by", ", ".join(metric.bounded_by) or "no control"),
                ("Blind to", metric.blind_to),
                ("Compares at", metric.comparable_at),
                ("Source", metric.source),
            )
        )


def _pipes(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cells = [[escape(cell) for cell in row] for row in rows]
    return tabulate(cells, headers=[escape(head) for head in heads], tablefmt="pipe", disable_numparse=True)
