"""Intervals for stated estimands: jackknife, subsampling, AUC, paired seeds and permutation, on numpy arrays.

Each module names what its interval covers, what it assumes and where it does not hold.
"""

from benchmark.statistics.interval import Interval
from benchmark.statistics.jackknife import Replicates, Side
from benchmark.statistics.subsampling import Subsamples

__all__ = ["Interval", "Replicates", "Side", "Subsamples"]
