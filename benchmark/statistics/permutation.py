"""The permutation null: where a statistic lies when both samples come from one distribution.

At the floor (real against real) KID is degenerate: its spread falls as 1/N, is skewed, and a normal interval
means little. Shuffling which rows, or which whole groups, belong to which sample gives the null directly.
Exact when the shuffled units are exchangeable under the null: rows that are independent, or slides. Patches
of one slide are not exchangeable with patches of another: shuffle slides there, on both sides. Real slides
against synthetic random groups are not exchangeable either, so the null is for real against real, or for rows
without known slides.

Source: Phipson and Smyth (2010), "Permutation P-values should never be zero", eq. 2 (the +1 in both counts);
Gretton et al. (2012), "A kernel two-sample test", section 5.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError
from benchmark.statistics.interval import Interval, check_level

METHOD = "permutation null"
"""How the band names itself."""


@dataclass(frozen=True)
class PermutationNull:
    """An observed statistic and its values under shuffled labels."""

    observed: float
    """The statistic with the true labels."""
    null: tuple[float, ...]
    """The statistic with shuffled labels, one value a permutation."""

    def p_value(self) -> float:
        """Return the share of shuffles that reach the observed value, the true labels counted as one.

        One-sided: large values speak against the null. Values equal but for rounding count as reaching it.

        Returns:
            The p-value, 1 / (permutations + 1) to 1.
        """
        values = np.asarray(self.null)
        slack = 1e-12 * max(abs(self.observed), float(np.abs(values).max()))
        reached = int(np.count_nonzero(values >= self.observed - slack))
        return (1 + reached) / (1 + len(values))

    def band(self, *, level: float = 0.95) -> Interval:
        """Return where the middle `level` of the null lies, which says nothing of the observed value.

        Args:
            level: Share of the null within the band, 0 < level < 1.

        Returns:
            The two quantiles.
        """
        check_level(level)
        low, high = np.quantile(self.null, [0.5 - level / 2.0, 0.5 + level / 2.0])
        return Interval(low=float(low), high=float(high), level=level, method=METHOD, df=None)


def permutation_null(
    statistic: Callable[[NDArray[Any]], float],
    labels: NDArray[Any],
    *,
    seed: int,
    permutations: int = 999,
) -> PermutationNull:
    """Return a statistic's values under shuffled labels.

    Args:
        statistic: Takes the labels of the pooled units, shape (U,), and returns a finite number.
        labels: True label of each unit (row or group), shape (U,); two different labels or more.
        seed: Seed of the shuffles.
        permutations: Number of shuffles, 1 or more.

    Returns:
        The observed value and the null.

    Raises:
        UserError: if the labels do not tell two samples apart or a value is not finite.
    """
    units = np.asarray(labels)
    if units.ndim != 1 or len(np.unique(units)) < 2 or permutations < 1:
        raise UserError(
            f"A permutation null needs labels of two samples and a shuffle or more; got labels of shape "
            f"{units.shape} with {len(np.unique(units))} different value(s) and {permutations} shuffle(s)."
        )
    rng = np.random.default_rng(seed)
    observed = float(statistic(units))
    null = tuple(float(statistic(rng.permutation(units))) for _ in range(permutations))
    if not all(math.isfinite(value) for value in (observed, *null)):
        raise UserError("The statistic of a permutation null gave a value that is not finite.")
    return PermutationNull(observed, null)
