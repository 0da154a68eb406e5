"""Numbers as people read them: as many digits as the interval's width bears."""

from __future__ import annotations

import math
from typing import NamedTuple

from benchmark.statistics.interval import Interval

_MOST_DECIMALS = 6


class Shown(NamedTuple):
    """A number and its interval, as text."""

    value: str
    interval: str
    """``[0.50, 0.54]``, or ``no interval``."""


def shown(value: float, interval: Interval | None, *, signs: bool = False) -> Shown:
    """Return a number and its interval with two significant digits of the interval's width.

    Args:
        value: A finite number.
        interval: Its interval; without one the number has four significant digits.
        signs: Whether on which side of zero an end lies must not be lost to rounding: of a difference it decides.
    """
    if interval is None:
        return Shown(_plain(f"{value:.4g}"), "no interval")
    decimals = _decimals(interval.high - interval.low)
    if signs and decimals is not None:
        nearest = min(abs(end) for end in (interval.low, interval.high) if end != 0.0)
        decimals = max(decimals, -math.floor(math.log10(nearest)))
    ends = ", ".join(_number(end, decimals) for end in (interval.low, interval.high))
    return Shown(_number(value, decimals), f"[{ends}]")


def p_value(p: float) -> str:
    """Return a p-value: three decimals, four close to 0.05 where they decide, or ``< 0.001``."""
    if p < 0.001:
        return "< 0.001"
    return f"{p:.4f}" if abs(p - 0.05) < 0.0015 else f"{p:.3f}"


def seconds(duration: float) -> str:
    """Return a duration as ``0.4 s``, ``75 s``, ``12.5 min`` or ``3.2 h``."""
    if duration < 120:
        return f"{duration:.1f} s" if duration < 10 else f"{duration:.0f} s"
    return f"{duration / 60:.1f} min" if duration < 7200 else f"{duration / 3600:.1f} h"


def _decimals(width: float) -> int | None:
    """Return the decimals that show two digits of a width; None where the width says nothing."""
    if not math.isfinite(width) or width <= 0.0:
        return None
    return 1 - math.floor(math.log10(width))


def _number(value: float, decimals: int | None) -> str:
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if decimals is None or decimals > _MOST_DECIMALS:
        return _plain(f"{value:.4g}")
    return _plain(f"{value:.{max(decimals, 0)}f}")


def _plain(text: str) -> str:
    """Return zero without a sign."""
    return text.removeprefix("-") if set(text) <= set("-0.") else text
