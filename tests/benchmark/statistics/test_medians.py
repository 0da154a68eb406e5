"""The interval of a median by ranks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.medians import median_interval


def test_ranks_are_those_of_the_tables():
    """At N = 20 the 6th and the 15th value, which hold the median with probability 0.9586; in any order."""
    values = np.random.default_rng(0).permutation(np.arange(1.0, 21.0))
    found = median_interval(values)
    assert (found.low, found.high) == (6.0, 15.0)
    assert stats.binom.cdf(5, 20, 0.5) < 0.025 < stats.binom.cdf(6, 20, 0.5)
    assert median_interval([1, 2, 3, 4, 5, np.inf]).high == np.inf


@pytest.mark.parametrize(("count", "level"), [(5, 0.95), (1, 0.95), (0, 0.5), (6, 0.97)])
def test_too_few_values_have_none(count, level):
    """Even the ends hold the median less often than asked: 1 - 2 / 2^N."""
    assert median_interval(np.arange(count), level=level) is None
    assert median_interval(np.arange(6), level=0.95) is not None


def test_it_holds_as_often_as_it_says():
    """Of 2,000 skewed samples; no sample of a continuous distribution falls short of the level but by chance."""
    rng = np.random.default_rng(1)
    found = [median_interval(rng.exponential(size=30)) for _ in range(2000)]
    held = np.mean([one.low <= np.log(2) <= one.high for one in found])
    assert 0.945 < held < 0.975
