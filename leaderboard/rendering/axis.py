"""The axis that the rows of one column share, and each row's dot and whisker on it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchmark.contracts.task import Metric
from leaderboard.rendering import drawing
from leaderboard.table import bounds
from leaderboard.table.model import Cell, Column, Kind, Row

_FAR = 0.75
"""A control further away than this share of the other rows' span is drawn as an arrow at the edge."""


@dataclass(frozen=True)
class Axis:
    """What a column's pictures are drawn on."""

    low: float
    high: float
    floor: float | None
    """Value of the floor's row, where it was measured."""
    ceiling: float | None

    def share(self, value: float) -> float:
        """Return the place of a value, clipped to the axis, as a share of the width."""
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)

    def holds(self, value: float) -> bool:
        """Tell whether a value lies on the axis."""
        return self.low <= value <= self.high


def of(column: Column, cells: Sequence[tuple[Row, Cell]]) -> Axis | None:
    """Return the axis of a column; None where nothing was measured.

    It spans the generators and the controls made of real images, with their intervals; noise and its like only
    where they are near, so that one far away does not press the rest together. It reaches to a bound of the metric
    that is close, and ends on round numbers.
    """
    compared = [(row, cell) for row, cell in cells if cell.value is not None and cell.compared]
    rows = [row for row, _ in compared]
    floor, ceiling = (
        None if place is None else compared[place][1].value
        for place in (bounds.floor(column.metric, rows), bounds.ceiling(column.metric, rows))
    )
    core = [end for row, cell in compared if _shows_tissue(row) for end in _ends(cell)]
    core = core or [end for _, cell in compared for end in _ends(cell)]
    if not core:
        return None
    span = _span(min(core), max(core))
    least, most = min(core) - _FAR * span, max(core) + _FAR * span
    near = [end for _, cell in compared for end in _ends(cell) if least <= end <= most]
    return Axis(*_rounded(min(near), max(near), column.metric), floor, ceiling)


def bar(axis: Axis, cell: Cell, kind: Kind) -> Markup:
    """Return a row's picture: marks of floor and ceiling, whisker, dot; an arrow where the value is off the axis."""
    return drawing.picture("bar", _bar(axis, cell, kind))


def ruler(axis: Axis) -> Markup:
    """Return the column's axis with its ends written, for the head of the column."""
    parts = [drawing.level("rule", 0.0, 1.0, height=4.5)]
    for share, end in ((0.0, axis.low), (1.0, axis.high)):
        parts += [drawing.upright("rule", share, top=1.0, bottom=8.0), drawing.label(share, f"{end:.4g}")]
    return drawing.picture("ruler", parts)


def _bar(axis: Axis, cell: Cell, kind: Kind) -> Iterator[str]:
    for name, value in (("floor", axis.floor), ("ceiling", axis.ceiling)):
        if value is not None and axis.holds(value):
            yield drawing.upright(name, axis.share(value))
    if cell.value is None or not cell.compared:
        return
    if not axis.holds(cell.value):
        yield drawing.arrow(kind, right=cell.value > axis.high)
        return
    if cell.interval is not None:
        yield drawing.whisker(kind, axis.share(cell.interval.low), axis.share(cell.interval.high))
    yield drawing.dot(kind, axis.share(cell.value))


def _shows_tissue(row: Row) -> bool:
    return row.kind == "generator" or (row.entry is not None and bool(row.entry.reads))


def _ends(cell: Cell) -> list[float]:
    ends = [cell.value] if cell.value is not None else []
    ends += [] if cell.interval is None else [cell.interval.low, cell.interval.high]
    return [end for end in ends if math.isfinite(end)]


def _span(low: float, high: float) -> float:
    return high - low or abs(high) or 1.0


def _rounded(low: float, high: float, metric: Metric) -> tuple[float, float]:
    """Return round ends a little beyond the given ones, drawn to the metric's bounds where near, never beyond."""
    span, (least, most) = _span(low, high), metric.bounds
    step = _step(span / 10)
    low, high = math.floor((low - 0.02 * span) / step) * step, math.ceil((high + 0.02 * span) / step) * step
    if least is not None and low - least < 0.4 * span:
        low = least
    if most is not None and most - high < 0.15 * span:
        high = most
    return low, high


def _step(least: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= least)
