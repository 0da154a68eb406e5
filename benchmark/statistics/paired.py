"""Paired differences over seeds, and Holm's adjustment over all pairs of variants.

Variants share their seeds, so the difference is taken seed by seed and the seeds' common luck cancels. The
interval is the textbook one of a mean: t quantile with S - 1 degrees of freedom. It speaks of new seeds on
the same data, and of nothing else; with fewer than five seeds it is marked "conditional on these seeds".

Source of the adjustment: Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian
Journal of Statistics 6. It keeps the family-wise error at the level whatever the dependence between the
pairs.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.errors import UserError
from benchmark.statistics.interval import Interval, around
from benchmark.statistics.quantiles import two_sided_p, two_sided_quantile

METHOD = "paired t over seeds"
"""How the interval names itself."""
FEWEST_SEEDS = 5
"""Below this many seeds a comparison is conditional on them."""


@dataclass(frozen=True)
class PairedMean:
    """The mean difference of two variants over shared seeds."""

    value: float
    """Mean of first - second."""
    standard_error: float
    """Standard error of the mean."""
    seeds: int
    """Number of seeds, S."""
    interval: Interval | None
    """Interval of the mean; None where all differences are equal: seeds that change nothing are no
    replicates."""
    p_value: float | None
    """Two-sided p-value of no difference, one pair alone; None where the interval is."""

    @property
    def conditional(self) -> bool:
        """Whether to print "conditional on these seeds"."""
        return self.seeds < FEWEST_SEEDS


@dataclass(frozen=True)
class PairComparison:
    """One pair of variants among all pairs."""

    first: str
    """Name of the first variant."""
    second: str
    """Name of the second variant."""
    mean: PairedMean
    """Their difference, first - second."""
    adjusted_p: float | None
    """Holm adjusted p-value over all pairs that have one."""


def paired_mean(first: Sequence[float], second: Sequence[float], *, level: float = 0.95) -> PairedMean:
    """Return the mean of first - second over seeds with its t interval.

    Args:
        first: One value a seed.
        second: One value a seed, in the same order of seeds.
        level: Nominal coverage, 0 < level < 1.

    Returns:
        The mean difference.

    Raises:
        UserError: if the numbers of seeds differ, are below two, or a value is not finite.
    """
    differences = _differences(first, second)
    value = float(np.mean(differences))
    error = float(np.std(differences, ddof=1) / math.sqrt(len(differences)))
    df = float(len(differences) - 1)
    # Equal differences leave rounding noise behind, which a t ratio would take for certainty.
    if error <= 1e-12 * float(np.abs(np.concatenate([first, second])).max()):
        return PairedMean(value, 0.0, len(differences), None, None)
    half = two_sided_quantile(level, df) * error
    interval = around(value, half, level=level, method=METHOD, df=df)
    return PairedMean(value, error, len(differences), interval, two_sided_p(value, standard_error=error, df=df))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return Holm adjusted p-values, in the order given.

    Args:
        p_values: p-values of the family, each 0 to 1.

    Returns:
        The adjusted p-values, each 0 to 1 and not below its own p-value.

    Raises:
        ValueError: if a p-value is not between 0 and 1.
    """
    values = np.asarray(p_values, dtype=np.float64)
    if not np.all((values >= 0.0) & (values <= 1.0)):
        raise ValueError(f"p-values lie between 0 and 1, got {list(p_values)}.")
    order = np.argsort(values, kind="stable")
    steps = values[order] * np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return tuple(float(value) for value in adjusted)


def compare_all_pairs(values: Mapping[str, Sequence[float]], *, level: float = 0.95) -> tuple[PairComparison, ...]:
    """Compare every pair of variants over their shared seeds.

    Args:
        values: One value a seed by variant, all in the same order of seeds.
        level: Nominal coverage of each pair's own interval, not adjusted.

    Returns:
        A comparison a pair, in the order of `itertools.combinations`.
    """
    pairs = list(itertools.combinations(values, 2))
    means = [paired_mean(values[first], values[second], level=level) for first, second in pairs]
    adjusted = iter(holm([mean.p_value for mean in means if mean.p_value is not None]))
    return tuple(
        PairComparison(first, second, mean, None if mean.p_value is None else next(adjusted))
        for (first, second), mean in zip(pairs, means, strict=True)
    )


def _differences(first: Sequence[float], second: Sequence[float]) -> np.ndarray:
    """Return first - second, or refuse values that are not paired."""
    if len(first) != len(second) or len(first) < 2:
        raise UserError(
            f"Paired differences need the same two seeds or more on both variants; got {len(first)} and "
            f"{len(second)} values. Run both variants on the same seeds."
        )
    differences = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    if not np.isfinite(differences).all():
        raise UserError("A paired difference is not finite: leave out the seeds that failed on either variant.")
    return differences
