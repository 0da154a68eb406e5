"""The reference protocol of KID: estimates on random subsets, to compare with published numbers.

Source: Binkowski et al. (2018), arXiv:1801.01401, and torch-fidelity: 100 subsets of 1,000 rows of each side,
drawn without replacement within a subset, RandomState seed 2020. The spread of the subsets depends on the
subset size; it shrinks with neither N nor the number of subsets, and is no standard error. The headline and
its interval are in `kernel`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.statistics.arrays import Features
from tasks.metrics.guard import FeatureError, check_pair
from tasks.metrics.kernel import MINIMUM_ROWS, kernel_distance

REFERENCE_SUBSETS = 100
"""Subsets of the reference protocol."""
REFERENCE_SUBSET_SIZE = 1000
"""Rows a subset of the reference protocol."""
REFERENCE_SEED = 2020
"""Seed of the reference protocol."""


@dataclass(frozen=True)
class SubsetProtocol:
    """Outcome of the reference protocol."""

    mean: float
    """Mean of the subsets' estimates."""
    spread_over_subsets: float
    """Standard deviation (ddof = 0) of the subsets' estimates. NOT a standard error of the mean: subsets
    overlap."""
    subsets: int
    """Number of subsets."""
    subset_size: int
    """Rows of each side in a subset."""


def kernel_subset_protocol(
    *,
    real: Features,
    synthetic: Features,
    subsets: int = REFERENCE_SUBSETS,
    subset_size: int = REFERENCE_SUBSET_SIZE,
    seed: int = REFERENCE_SEED,
) -> SubsetProtocol:
    """Return the reference protocol: the mean of estimates on random subsets drawn without replacement.

    Draws the synthetic rows first, then the real ones, subset by subset, as torch-fidelity does with the
    synthetic set as its first input.

    Args:
        real: Features of real images, shape (N, D), N >= subset_size.
        synthetic: Features of synthetic images, shape (M, D), M >= subset_size.
        subsets: Number of subsets.
        subset_size: Rows of each side in a subset.
        seed: Seed of the draws.

    Returns:
        Mean and spread over subsets.

    Raises:
        FeatureError: if a side has fewer rows than a subset, there is no subset, or a subset has fewer than two
            rows.
    """
    if subsets < 1 or subset_size < MINIMUM_ROWS:
        raise FeatureError(f"{subsets} subset(s) of {subset_size} row(s): expected one or more, of two rows or more.")
    pair = check_pair(real=real, synthetic=synthetic, rows=subset_size)
    # A legacy generator of its own: the published protocol is defined by this very stream.
    rng = np.random.RandomState(seed)
    values = []
    for _ in range(subsets):
        synthetic_rows = rng.choice(len(pair.synthetic), subset_size, replace=False)
        real_rows = rng.choice(len(pair.real), subset_size, replace=False)
        values.append(kernel_distance(real=pair.real[real_rows], synthetic=pair.synthetic[synthetic_rows]))
    return SubsetProtocol(float(np.mean(values)), float(np.std(values)), subsets, subset_size)
