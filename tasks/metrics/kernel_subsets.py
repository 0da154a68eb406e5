"""The reference protocol of KID: estimates on random subsets, to compare with published numbers.

Definition: mean over subsets of the unbiased squared MMD, kernel (x.y / D + 1)^3. Source: Binkowski et al. (2018),
arXiv:1801.01401, and torch-fidelity: 100 subsets of 1,000 rows of each side, drawn without replacement within a
subset, RandomState seed 2020. The spread of the subsets depends on the subset size; it shrinks with neither N nor the
number of subsets, and is no standard error. The headline and its interval are in `kernel`.

Estimand: as that of `kernel`, the population value. Shapes: real (N, D), synthetic (M, D), any real dtype. Direction:
lower. Bounds: none; an estimate near 0 may lie below. Rows that bound it: the floor from below, noise from above.
N_min: the subset size (`enough`). Blind to: what `kernel` is blind to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmark.statistics.arrays import Floats, Ints
from tasks.metrics.guard import FeatureError, Table, check_pair
from tasks.metrics.kernel import MINIMUM_ROWS, kernel_distance
from tasks.metrics.pairs.one_pass import Groups

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
    real: Table,
    synthetic: Table,
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
    _check(subsets, subset_size)
    pair = check_pair(real=real, synthetic=synthetic, rows=subset_size)
    drawn = _draw(len(pair.real), len(pair.synthetic), subsets, subset_size, seed)
    values = [kernel_distance(real=pair.real[one], synthetic=pair.synthetic[other]) for one, other in drawn]
    return SubsetProtocol(float(np.mean(values)), float(np.std(values)), subsets, subset_size)


@dataclass(frozen=True, eq=False)
class SubsetDraws:
    """The subsets of the reference protocol as groups of rows, for a pass over all pairs that is made anyway."""

    groups: Groups
    """Who is in which subset, shapes (N, subsets) and (M, subsets)."""
    subset_size: int
    """Rows of each side in a subset."""

    @classmethod
    def of(
        cls,
        *,
        real_rows: int,
        synthetic_rows: int,
        subsets: int = REFERENCE_SUBSETS,
        subset_size: int = REFERENCE_SUBSET_SIZE,
        seed: int = REFERENCE_SEED,
    ) -> SubsetDraws:
        """Return the same draws as `kernel_subset_protocol`.

        Args:
            real_rows: Number of real images, N >= subset_size.
            synthetic_rows: Number of synthetic images, M >= subset_size.
            subsets: Number of subsets.
            subset_size: Rows of each side in a subset.
            seed: Seed of the draws.

        Returns:
            The draws.

        Raises:
            FeatureError: as `kernel_subset_protocol`.
        """
        _check(subsets, subset_size)
        if min(real_rows, synthetic_rows) < subset_size:
            raise FeatureError(
                f"There are {real_rows} real and {synthetic_rows} synthetic rows: expected {subset_size} or more, the "
                "size of a subset."
            )
        groups = Groups(np.zeros((real_rows, subsets), np.bool_), np.zeros((synthetic_rows, subsets), np.bool_))
        for subset, (one, other) in enumerate(_draw(real_rows, synthetic_rows, subsets, subset_size, seed)):
            groups.real[one, subset] = groups.synthetic[other, subset] = True
        return cls(groups, subset_size)

    def protocol(self, *, real: Floats, synthetic: Floats, cross: Floats) -> SubsetProtocol:
        """Return mean and spread over the subsets.

        Args:
            real: Sum of the kernel over ordered pairs of different real rows of each subset, shape (subsets,).
            synthetic: Likewise of synthetic rows.
            cross: Sum over the pairs of a real and a synthetic row of each subset.

        Returns:
            The outcome.
        """
        size = self.subset_size
        values = (real + synthetic) / (size * (size - 1)) - 2.0 * cross / size**2
        return SubsetProtocol(float(np.mean(values)), float(np.std(values)), len(values), size)


def _check(subsets: int, subset_size: int) -> None:
    if subsets < 1 or subset_size < MINIMUM_ROWS:
        raise FeatureError(f"{subsets} subset(s) of {subset_size} row(s): expected one or more, of two rows or more.")


def _draw(real: int, synthetic: int, subsets: int, size: int, seed: int) -> Iterator[tuple[Ints, Ints]]:
    """Yield the real and the synthetic rows of each subset; the synthetic ones are drawn first."""
    # A legacy generator of its own: the published protocol is defined by this very stream.
    rng = np.random.RandomState(seed)
    for _ in range(subsets):
        other = rng.choice(synthetic, size, replace=False)
        yield rng.choice(real, size, replace=False), other
