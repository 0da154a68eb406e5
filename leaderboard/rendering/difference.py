"""A difference's dot and whisker on an axis with zero in the middle."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from leaderboard.rendering import drawing
from leaderboard.table.model import Pair


def reach(pairs: Sequence[Pair]) -> float:
    """Return the half width of the axis that the pairs of one metric share."""
    ends = [abs(end) for pair in pairs if pair.interval is not None for end in (pair.interval.low, pair.interval.high)]
    return max((end for end in ends if math.isfinite(end)), default=0.0) or 1.0


def bar(pair: Pair, extent: float) -> Markup:
    """Return the picture of a difference.

    Args:
        pair: The pair; without an interval only the line of zero is drawn.
        extent: Half width of the axis, in the metric's unit.
    """
    return drawing.picture("bar", _parts(pair, extent))


def _parts(pair: Pair, extent: float) -> Iterator[str]:
    yield drawing.upright("zero", 0.5)
    if pair.value is None or pair.interval is None:
        return
    left, right = (_share(end, extent) for end in (pair.interval.low, pair.interval.high))
    yield drawing.whisker(pair.verdict, left, right)
    yield drawing.dot(pair.verdict, _share(pair.value, extent))


def _share(value: float, extent: float) -> float:
    return 0.5 + 0.5 * min(max(value / extent, -1.0), 1.0)
