"""A number with what qualifies it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from numpy.typing import NDArray

from benchmark.contracts.task import Metric
from benchmark.statistics.interval import Interval

Images: TypeAlias = Mapping[str, NDArray[Any]]
"""Values of each synthetic row by name, each of shape (M,)."""


@dataclass(frozen=True)
class Scored:
    """One number with what qualifies it."""

    metric: Metric
    value: float | None
    """None where there is none; `note` says why."""
    interval: Interval | None
    """None where there is none; `note` says why."""
    n: dict[str, int]
    """Rows used, by role."""
    slides: dict[str, int]
    """Slides behind them, by role, where known."""
    note: str | None
    group: str | None = None
    """Class or prompt that the rows are of; None for all rows."""
    images: Images = field(default_factory=dict)
    """Values of each synthetic row, where the metric has any."""
