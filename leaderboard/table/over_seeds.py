"""The mean over seeds with its interval, or one seed's own.

A seed stands for a whole repetition: fit, sampling and the task's own randomness, on the same real images. The
interval over seeds speaks of new seeds on the same data. A control that hands out real images is no repetition: its
seeds redraw the same images, so they would agree far beyond what other slides allow, and each seed's own interval
stands. What a task says of its own repetitions inside one seed
(trained classifiers, for instance) is another line of variance and is never pooled into it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from benchmark.contracts.task import Metric, Value
from benchmark.statistics.interval import Interval, around
from benchmark.statistics.paired import FEWEST_SEEDS
from benchmark.statistics.quantiles import two_sided_quantile

LEVEL = 0.95
"""Nominal coverage of intervals over seeds."""

CONDITIONAL = "conditional on these seeds"
"""Said of fewer than five seeds."""

ESTIMAND = "of several seeds: its mean over other trainings and noise, on these same real images"
"""What an interval over seeds is for, whatever the metric's own estimand."""

SAME_IMAGES = "on the same real images"
"""Said of every interval over seeds."""

REDRAWN = "seeds use the same real images"
"""Said of a control that hands out real images, and of a number that they alone decide."""


class Estimate(NamedTuple):
    """A number for the board."""

    value: float
    interval: Interval | None
    method: str
    """How the interval was made, or why there is none."""
    over_seeds: bool


def estimate(values: Sequence[Value], metric: Metric, *, redrawn: bool = False) -> Estimate:
    """Return the number that stands for one seed or several.

    Args:
        values: Measured values of one metric, one a seed, all on one basis; one or more.
        metric: The metric, whose bounds cut the interval.
        redrawn: Whether the variant's seeds redraw the same real images.

    Returns:
        Of one seed its own value and interval. Of several their mean with the t interval; where all are equal
        the seeds are no replicates, and the first one's own interval stands; where they are redrawn, or the number is
        a reference that real images alone decide, the mean of their own intervals' ends.
    """
    numbers = np.array([value.value for value in values], np.float64)
    if len(numbers) == 1:
        return _own(values[0], "one seed")
    error = float(np.std(numbers, ddof=1)) / math.sqrt(len(numbers))
    # Equal numbers leave rounding noise behind, which a t interval would take for certainty.
    if error <= 1e-12 * float(np.abs(numbers).max()):
        return _own(values[0], f"the same number at all {len(numbers)} seeds")
    if redrawn or metric.direction == "reference":
        return _averaged(values)
    df = float(len(numbers) - 1)
    method = f"over seeds, n = {len(numbers)}, t quantile; {SAME_IMAGES}"
    if len(numbers) < FEWEST_SEEDS:
        method += f"; {CONDITIONAL}"
    interval = around(
        float(np.mean(numbers)),
        two_sided_quantile(LEVEL, df) * error,
        level=LEVEL,
        method=method,
        df=df,
        bounds=_bounds(metric),
    )
    return Estimate(float(np.mean(numbers)), interval, f"{in_percent(LEVEL)} {method}", over_seeds=True)


def _averaged(values: Sequence[Value]) -> Estimate:
    """Return the mean of values and of the ends of their own intervals."""
    mean = float(np.mean([value.value for value in values]))
    own = [value.interval for value in values if value.interval is not None]
    if len(own) < len(values):
        why = next(value.note for value in values if value.interval is None) or "none is recorded at some seed"
        return Estimate(mean, None, no_interval(why), over_seeds=False)
    low, high = (float(np.mean(ends)) for ends in zip(*((one.low, one.high) for one in own), strict=True))
    method = f"{own[0].method}; mean of the intervals of {len(own)} seeds, for {REDRAWN}"
    interval = Interval(low, high, own[0].level, method, own[0].df)
    return Estimate(mean, interval, f"{in_percent(interval.level)} {method}", over_seeds=False)


def in_percent(level: float) -> str:
    """Return a level as ``95 %``."""
    return f"{100 * level:g} %"


def no_interval(why: str) -> str:
    """Return the sentence that stands in place of an interval's method."""
    return why if why.startswith("no interval") else f"no interval: {why}"


def _own(value: Value, seeds: str) -> Estimate:
    assert value.value is not None
    interval = value.interval
    if interval is None:
        return Estimate(value.value, None, no_interval(value.note or "none is recorded"), over_seeds=False)
    method = f"{in_percent(interval.level)} {interval.method}; {seeds}"
    return Estimate(value.value, interval, method, over_seeds=False)


def _bounds(metric: Metric) -> tuple[float, float]:
    low, high = metric.bounds
    return -math.inf if low is None else low, math.inf if high is None else high
