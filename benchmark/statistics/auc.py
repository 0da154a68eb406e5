"""Intervals of an AUC, of the mean AUC of fixed classifiers, and of the paired difference of two.

Estimand: the expectation of the AUC over test images (DeLong) or test slides (Obuchowski) of the same
population, the classifiers held fixed. Training seeds and generator seeds are other lines of variance and are
never pooled into it.

A single AUC is given on the logit scale, which keeps the interval within 0 and 1 and is closer to nominal
near 1. An AUC of exactly 1 (or 0) has no variance to estimate; there the interval is the exact one-sided
kind: of k disjoint pairs of a positive and a negative, all ranked rightly, low = (alpha / 2)^(1 / k). All
pairs being right implies those k being right, so the bound holds; it is wide. A difference is given on the
plain scale, for it is not bounded near 0.

Where it does not hold: few slides of one class (below about ten) or wildly unequal slides; the t quantile's
degrees of freedom, the fewest slides of a class less one, soften that but do not mend it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

from benchmark.statistics.interval import Interval, around, check_level
from benchmark.statistics.quantiles import two_sided_p, two_sided_quantile


@dataclass(frozen=True)
class AucDifference:
    """The difference of two AUCs, or mean AUCs, on the same test images."""

    value: float
    """First less second, -1 to 1."""
    standard_error: float
    """Its standard error, 0 where nothing varies."""
    interval: Interval
    """Its interval."""
    p_value: float | None
    """Two-sided p-value of no difference; None where nothing varies."""


class Area(Protocol):
    """An AUC, a mean AUC or a difference of two, with what its interval is made of."""

    @property
    def value(self) -> float:
        """What it came out as."""
        ...

    @property
    def standard_error(self) -> float:
        """Its standard error."""
        ...

    @property
    def df(self) -> float | None:
        """Degrees of freedom of that; None for a normal quantile."""
        ...

    @property
    def independent_pairs(self) -> int:
        """Pairs of a positive and a negative image that share no image or slide."""
        ...

    @property
    def variance_name(self) -> str:
        """How the variance is called."""
        ...

    def minus(self, other: Self) -> Self:
        """Return self - other on the same test images."""
        ...


AreaT = TypeVar("AreaT", bound=Area)


def auc_interval(placements: Area, *, level: float = 0.95) -> Interval:
    """Return the interval of an AUC, or of a mean AUC.

    Args:
        placements: Placements of one classifier or of several averaged, from `placements.placements`, or of several
            classes, from `macro_auc.macro_placements`.
        level: Nominal coverage, 0 < level < 1.

    Returns:
        The interval on the logit scale; the exact bound where every pair is ranked rightly, or every pair
        wrongly.
    """
    value, error = placements.value, placements.standard_error
    if not 0.0 < value < 1.0:
        return _at_the_edge(placements, level=level)
    center = math.log(value / (1.0 - value))
    half = two_sided_quantile(level, placements.df) * error / (value * (1.0 - value))
    low, high = (_expit(end) for end in (center - half, center + half))
    return Interval(low, high, level, f"{placements.variance_name}, logit scale", placements.df)


def auc_difference(first: AreaT, second: AreaT, *, level: float = 0.95) -> AucDifference:
    """Return first - second with its paired interval.

    Args:
        first: Placements of one method.
        second: Placements of another, on the same test images in the same order.
        level: Nominal coverage, 0 < level < 1.

    Returns:
        The difference. Where both AUCs are exactly 1, or both exactly 0, the interval is as wide as either's
        bound.

    Raises:
        UserError: if the test images differ.
    """
    gap = first.minus(second)
    error = gap.standard_error
    half = two_sided_quantile(level, gap.df) * error
    method = f"{gap.variance_name}, paired"
    if first.value == second.value and first.value in (0.0, 1.0):
        edge = _at_the_edge(first, level=level)
        half, method = edge.high - edge.low, edge.method
    interval = around(gap.value, half, level=level, method=method, df=gap.df, bounds=(-1.0, 1.0))
    p_value = two_sided_p(gap.value, standard_error=error, df=gap.df)
    return AucDifference(gap.value, error, interval, p_value)


def _at_the_edge(placements: Area, *, level: float) -> Interval:
    """Return the exact bound for an AUC of 0 or 1."""
    check_level(level)
    bound = ((1.0 - level) / 2.0) ** (1.0 / placements.independent_pairs)
    low, high = (bound, 1.0) if placements.value >= 1.0 else (0.0, 1.0 - bound)
    return Interval(low, high, level, "exact bound from disjoint pairs", None)


def _expit(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-value)) if value > -700.0 else 0.0
