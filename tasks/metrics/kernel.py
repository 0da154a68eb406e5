"""The kernel distance (KD; with Inception pool3 features, KID): the unbiased squared MMD.

Definition: MMD^2_u = sum_{i != j} k(x_i, x_j) / (N (N - 1)) + sum_{i != j} k(y_i, y_j) / (M (M - 1))
- 2 sum_{i, j} k(x_i, y_j) / (N M), with k(x, y) = (x.y / D + 1)^3. Source: Gretton et al. (2012), JMLR 13,
eq. 3; Binkowski et al. (2018), arXiv:1801.01401, section 4, for the kernel. The headline takes all rows at
once.

Estimand: the population value, at any N: the estimate is unbiased, so it may be below zero.
Shapes: real (N, D), synthetic (M, D), any real dtype; kernels in float32 about a common center, summed
in float64 (`pairs.kernel_sums`): within 2e-6 of the mean of |k|. Direction: lower. Bounds: none
below (0 for the population value), none above. The kernel is not free of scale: values of different
extractors never compare.
Rows that bound it: the floor (real against real) from below, the off-domain or noise row from above.
N_min: 2 rows a side to compute; `enough` for its interval. Blind to: moments above the third, copies of the training
set.

Interval: delete-a-group jackknife (`kernel_replicates`), where the distributions differ. At the floor the
estimate is degenerate (order 1/N, skewed): the jackknife is then wide and its interval means little; give the
permutation null (`kernel_null`). The reference protocol of 100 subsets of 1,000 rows (`kernel_subsets`) is
offered to compare with published numbers; the spread of its subsets shrinks with neither N nor the number of
subsets and is no standard error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.statistics.arrays import Bools, Floats, Ints
from benchmark.statistics.groups import check_groups
from benchmark.statistics.jackknife import Replicates, Side
from benchmark.statistics.permutation import PermutationNull, permutation_null
from tasks.metrics.guard import FeatureError, FeaturePair, Table, check_pair
from tasks.metrics.pairs.one_pass import MEMORY, Groups, one_pass

MINIMUM_ROWS = 2
"""Fewest rows a side: a pair of different rows."""


@dataclass(frozen=True, eq=False)
class KernelSums:
    """Kernel sums between all pairs of groups, real groups first; any split of the groups reads off here."""

    pairs: Floats
    """Sum of k over ordered pairs of different rows of groups g and h, shape (G + H, G + H), symmetric."""
    rows: Ints
    """Rows of each group, shape (G + H,)."""
    real_groups: Ints
    """Group of each real row, shape (N,), 0 to G - 1."""
    synthetic_groups: Ints
    """Group of each synthetic row, shape (M,), 0 to H - 1."""

    @property
    def is_real(self) -> Bools:
        """Mask of the real groups, shape (G + H,)."""
        return np.arange(len(self.rows)) <= int(self.real_groups.max())

    @classmethod
    def of(cls, pairs: Floats, *, real_groups: Ints, synthetic_groups: Ints) -> KernelSums:
        """Return the sums of groups that do not overlap, as `one_pass` found them.

        Args:
            pairs: Its sums, shape (G + H, G + H).
            real_groups: Group of each real row, shape (N,), 0 to G - 1.
            synthetic_groups: Group of each synthetic row, shape (M,), 0 to H - 1.

        Returns:
            The sums.
        """
        rows = np.concatenate([np.bincount(real_groups), np.bincount(synthetic_groups)]).astype(np.int64)
        return cls((pairs + pairs.T) / 2.0, rows, real_groups, synthetic_groups)

    def estimate_of_all(self) -> float:
        """Return the unbiased estimate of all rows."""
        return self.estimate(real=self.is_real, synthetic=~self.is_real)

    def estimate(self, *, real: Bools, synthetic: Bools) -> float:
        """Return the unbiased estimate between two unions of groups.

        Args:
            real: Groups of the one side, mask of shape (G + H,).
            synthetic: Groups of the other side, mask of shape (G + H,), sharing none with `real`.

        Returns:
            The estimate; it may be below zero.
        """
        first, second = real.astype(np.float64), synthetic.astype(np.float64)
        n, m = int(self.rows[real].sum()), int(self.rows[synthetic].sum())
        within = (first @ self.pairs @ first) / (n * (n - 1)) + (second @ self.pairs @ second) / (m * (m - 1))
        return float(within - 2.0 * (first @ self.pairs @ second) / (n * m))

    def biased_estimate(self, *, real: Bools, synthetic: Bools) -> float:
        """Return the biased estimate, for a kernel that is 0 between a row and itself.

        Args:
            real: Groups of the one side, mask of shape (G + H,).
            synthetic: Groups of the other side, mask of shape (G + H,), sharing none with `real`.

        Returns:
            The estimate; 0 or more but for rounding.
        """
        share = real / self.rows[real].sum() - synthetic / self.rows[synthetic].sum()
        return float(share @ self.pairs @ share)


def kernel_distance(*, real: Table, synthetic: Table, memory: int = MEMORY) -> float:
    """Return the unbiased kernel distance of all rows.

    Args:
        real: Features of real images, shape (N, D), N >= 2.
        synthetic: Features of synthetic images, shape (M, D), M >= 2.
        memory: Bytes that the pass over all pairs may take; never changes the result beyond rounding.

    Returns:
        The estimate, within 2e-6 of the mean of |k| (of thousands of unlike rows 1e-8); it may be below zero.

    Raises:
        FeatureError: if the features are not finite, 2-D, of equal width and with enough rows.
    """
    pair = check_pair(real=real, synthetic=synthetic, rows=MINIMUM_ROWS)
    one, other = (np.zeros(len(side), dtype=np.int64) for side in pair)
    return _sums(pair, one, other, memory).estimate_of_all()


def kernel_sums(
    *, real: Table, synthetic: Table, real_groups: Ints, synthetic_groups: Ints, memory: int = MEMORY
) -> KernelSums:
    """Return the kernel sums of all group pairs in one pass over the rows.

    Args:
        real: Features of real images, shape (N, D).
        synthetic: Features of synthetic images, shape (M, D).
        real_groups: Group of each real row, shape (N,), 0 to G - 1.
        synthetic_groups: Group of each synthetic row, shape (M,), 0 to H - 1.
        memory: Bytes that the pass over all pairs may take.

    Returns:
        The sums, from which `kernel_replicates` and `kernel_null` come at no further cost.

    Raises:
        FeatureError: if the features cannot be used.
        UserError: if the groups cannot.
    """
    pair = check_pair(real=real, synthetic=synthetic, rows=MINIMUM_ROWS)
    return _sums(
        pair,
        check_groups(real_groups, rows=len(pair.real), role="real"),
        check_groups(synthetic_groups, rows=len(pair.synthetic), role="synthetic"),
        memory,
    )


def kernel_replicates(sums: KernelSums, *, biased: bool = False) -> Replicates:
    """Return the distance and its values with each group of each side left out.

    Args:
        sums: Kernel sums of the group pairs.
        biased: Whether the estimate is the biased one.

    Returns:
        Replicates with the sides real and synthetic.

    Raises:
        FeatureError: if fewer than two rows are left without some group.
    """
    real, values = sums.is_real, []
    estimate = sums.biased_estimate if biased else sums.estimate
    for group in range(len(sums.rows)):
        kept = np.arange(len(sums.rows)) != group
        _check_split(sums, real & kept)
        _check_split(sums, ~real & kept)
        values.append(estimate(real=real & kept, synthetic=~real & kept))
    first = int(real.sum())
    return Replicates(
        estimate(real=real, synthetic=~real),
        (
            Side.of("real", groups=sums.real_groups, values=values[:first]),
            Side.of("synthetic", groups=sums.synthetic_groups, values=values[first:]),
        ),
    )


def kernel_null(sums: KernelSums, *, seed: int, permutations: int = 999) -> PermutationNull:
    """Return where the distance lies when groups are shuffled between the sides; for use at the floor.

    Args:
        sums: Kernel sums of the group pairs. Groups must be exchangeable under the null: slides on both
            sides, or random groups of independent rows on both sides.
        seed: Seed of the shuffles.
        permutations: Number of shuffles.

    Returns:
        The observed distance and the null.

    Raises:
        FeatureError: if a shuffle could leave a side with fewer than two rows.
    """
    fewest = int(min(sums.is_real.sum(), (~sums.is_real).sum()))
    if int(np.sort(sums.rows)[:fewest].sum()) < MINIMUM_ROWS:
        raise FeatureError("A shuffle of the groups could leave one row on a side: give more images or fewer groups.")
    return permutation_null(
        lambda real: sums.estimate(real=real, synthetic=~real),
        sums.is_real,
        seed=seed,
        permutations=permutations,
    )


def _sums(pair: FeaturePair, real_groups: Ints, synthetic_groups: Ints, memory: int) -> KernelSums:
    groups = Groups(members(real_groups), members(synthetic_groups))
    pairs = one_pass(real=pair.real, synthetic=pair.synthetic, groups=groups, memory=memory).kernel
    assert pairs is not None
    return KernelSums.of(pairs, real_groups=real_groups, synthetic_groups=synthetic_groups)


def members(groups: Ints) -> Bools:
    """Return the mask of which row is in which group.

    Args:
        groups: Group of each row, shape (N,), 0 to G - 1.

    Returns:
        Shape (N, G).
    """
    return np.equal(groups[:, None], np.arange(int(groups.max()) + 1))


def _check_split(sums: KernelSums, side: Bools) -> None:
    rest = int(sums.rows[side].sum())
    if rest < MINIMUM_ROWS:
        raise FeatureError(
            f"Without one group a side has {rest} row(s): expected {MINIMUM_ROWS} or more. Give more images "
            "or smaller groups."
        )
