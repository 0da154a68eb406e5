"""Boards as static pages: self-contained but for the pictures beside them."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from leaderboard.pictures.gallery import Pictures
from leaderboard.rendering import difference, entrant, markdown, numbers, pair_views, views
from leaderboard.table import names, over_seeds
from leaderboard.table.model import Board, Comparison, Group, Row

_TEMPLATES = Path(__file__).parent / "templates"


def index(boards: Sequence[Board]) -> str:
    """Return the page that lists all boards."""
    return _page("index.html.j2", boards=[_listed(board) for board in boards])


def board_page(board: Board, pictures: Pictures) -> str:
    """Return the page of a board."""
    return _page(
        "board.html.j2",
        script=_asset("sort.js"),
        board=board,
        trial=names.trial(board.limit),
        facts=markdown.facts(board),
        groups=[_group(group, pictures) for group in board.groups],
        metrics=_metrics(board),
        over_seeds=over_seeds.ESTIMAND,
        family=pair_views.FAMILY,
    )


def entrant_page(board: Board, group: Group, row: Row, pictures: Pictures) -> str:
    """Return the page of a row that was run."""
    return _page(
        "entrant.html.j2",
        board=board,
        group=group,
        seeds=names.seeds_in_words(group.seeds),
        row=row,
        entry=row.entry,
        badges=views.badges(row, group),
        trial=names.trial(board.limit),
        facts=markdown.facts(board),
        gallery=pictures.galleries.get(row.slug),
        atlas=pictures.atlases.get(row.slug),
        parameters=entrant.parameters(row),
        values=entrant.values(row, group.columns),
        costs=entrant.costs(row),
        provenance=entrant.provenance(row),
        failures=entrant.failures(row),
        steps=entrant.steps(row),
    )


def _listed(board: Board) -> dict[str, Any]:
    states = [record.status for record in board.records]
    return {
        "board": board,
        "trial": names.trial(board.limit),
        "variants": len({record.variant.name for record in board.records}),
        "complete": states.count("complete"),
        "unfinished": len(states) - states.count("complete"),
        "seeds": [(group.reported, names.seeds_in_words(group.seeds)) for group in board.groups],
        "last": max(record.run.finished for record in board.records)[:10],
    }


def _group(group: Group, pictures: Pictures) -> dict[str, Any]:
    return {
        "group": group,
        "id": "results" if group.reported else "development",
        "seeds": names.seeds_in_words(group.seeds),
        "tables": views.tables(group),
        "comparisons": [_comparison(one) for one in group.comparisons],
        "strips": [(row, pictures.galleries[row.slug]) for row in group.rows if row.slug in pictures.galleries],
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    extent = difference.reach(comparison.pairs)
    lines = zip(pair_views.of(comparison), comparison.pairs, strict=True)
    return {
        "column": comparison.column,
        "tested": comparison.tested,
        "pairs": [(view, difference.bar(pair, extent)) for view, pair in lines],
        "ranks": pair_views.ranks(comparison),
    }


def _metrics(board: Board) -> list[dict[str, Any]]:
    """Return every metric of the board once, with the columns it fills."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for group in board.groups:
        for column in group.columns:
            place = column.task, column.metric.name
            direction = column.caution or views.DIRECTIONS[column.metric.direction]
            entry = {"task": column.task, "metric": column.metric, "direction": direction, "id": metric_id(*place)}
            found.setdefault(place, entry)
    return list(found.values())


def metric_id(task: str, metric: str) -> str:
    """Return the anchor of a metric's explanation."""
    return f"metric-{names.slug(task)}-{names.slug(metric)}"


def _page(template: str, *, script: str = "", **context: Any) -> str:
    style = _asset("style.css")
    policy = (
        f"default-src 'none'; img-src 'self' file:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    # Style and script are files of this package; everything else that reaches a template is escaped by it.
    return _environment().get_template(template).render(
        style=Markup(style),
        script=Markup(script),
        policy=policy,
        research_use=names.RESEARCH_USE,
        **context,
    )  # fmt: skip


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"minus": _minus, "seconds": numbers.seconds, "seeds": names.seeds_in_words}
    environment.globals |= {"metric_id": metric_id, "slug": names.slug, "development": names.DEVELOPMENT}
    return environment


def _minus(number: str) -> str:
    """Return a number with the sign that print uses."""
    return number.replace("-", "−")


@functools.cache
def _asset(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    """Return the source expression that allows exactly this content."""
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"
