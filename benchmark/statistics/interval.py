"""An interval, with the level and the method it was made at."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A two-sided interval for a stated estimand."""

    low: float
    """Lower end."""
    high: float
    """Upper end, not below `low`."""
    level: float
    """Nominal coverage, 0 < level < 1."""
    method: str
    """How the interval was made, in words fit for print."""
    df: float | None
    """Degrees of freedom of the t quantile; None where the method has none (normal quantile, quantiles of a
    null)."""

    def __post_init__(self) -> None:
        """Refuse an interval that is not one.

        Raises:
            ValueError: if an end is NaN, the ends are in the wrong order, or the level is not between 0 and
                1.
        """
        if math.isnan(self.low) or math.isnan(self.high) or self.low > self.high:
            raise ValueError(f"An interval needs low <= high and no NaN, got [{self.low}, {self.high}].")
        check_level(self.level)


def check_level(level: float) -> None:
    """Refuse a nominal coverage that is not between 0 and 1.

    Args:
        level: Nominal coverage, 0.95 for 95 %.

    Raises:
        ValueError: if it is not strictly between 0 and 1.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"An interval's level lies between 0 and 1 (0.95 for 95 %), got {level}.")


def around(
    value: float,
    half_width: float,
    *,
    level: float,
    method: str,
    df: float | None,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Interval:
    """Return value -/+ half_width, cut to what the estimand can be.

    Cutting to the bounds never changes the coverage, since the estimand lies within them. An end that would
    lie on the wrong side of the other bound is put on that bound.

    Args:
        value: Point estimate.
        half_width: Half the width of the interval, 0 or more.
        level: Nominal coverage, 0 < level < 1.
        method: How the interval was made.
        df: Degrees of freedom, or None.
        bounds: Least and greatest value of the estimand.

    Returns:
        The interval.
    """
    low, high = (min(max(end, bounds[0]), bounds[1]) for end in (value - half_width, value + half_width))
    return Interval(low=low, high=high, level=level, method=method, df=df)
