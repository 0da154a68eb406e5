"""The interval of a median by ranks.

Estimand: the median of the population that the values are independent draws of. The number of values below it is
binomial with probability 1/2, whatever the distribution, so the interval between two values of mirrored rank holds it
with at least the nominal probability (David and Nagaraja 2003, Order Statistics, section 7.1).

Does not hold where values depend on each other, as patches of one slide do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from benchmark.statistics.arrays import Floats
from benchmark.statistics.interval import Interval, check_level

METHOD = "exact ranks of a median"
"""How the interval names itself."""


def median_interval(values: Floats | Sequence[float], *, level: float = 0.95) -> Interval | None:
    """Return the interval of a median.

    Args:
        values: Independent values, shape (N,), none NaN; infinite ones have a rank like any other.
        level: Nominal coverage, 0 < level < 1.

    Returns:
        The interval; None where N is so small that even the least and the greatest value hold the median less often
        (below 6 values at 95 %).
    """
    check_level(level)
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    # The greatest number of values that lie below the median no more often than half of what the level leaves.
    below = np.flatnonzero(special.bdtr(np.arange(len(ordered) // 2 + 1), len(ordered), 0.5) <= (1.0 - level) / 2.0)
    if not len(below):
        return None
    rank = int(below[-1])
    return Interval(float(ordered[rank]), float(ordered[-1 - rank]), level, METHOD, None)
