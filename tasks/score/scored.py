"""A number with what qualifies it."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.contracts.task import Metric
from benchmark.statistics.interval import Interval


@dataclass(frozen=True)
class Scored:
    """One number with what qualifies it."""

    metric: Metric
    value: float
    interval: Interval | None
    """None where there is none; `note` says why."""
    n: dict[str, int]
    """Rows used, by role."""
    slides: dict[str, int]
    """Slides behind them, by role, where known."""
    note: str | None
