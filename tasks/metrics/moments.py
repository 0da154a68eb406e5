"""Mean and covariance of features in float64, whole or by groups that can be left out.

Sums are taken about a fixed shift (the mean of all rows), so that leaving a group out subtracts numbers of
like size instead of cancelling a large common level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.statistics.arrays import Features, Floats, Ints

_ROWS = 4096


@dataclass(frozen=True, eq=False)
class Moments:
    """Number of rows, mean and unbiased covariance."""

    rows: int
    """Number of rows, N >= 2."""
    mean: Floats
    """Mean, shape (D,)."""
    covariance: Floats
    """Covariance with ddof = 1, shape (D, D), symmetric."""

    @classmethod
    def of(cls, features: Features) -> Moments:
        """Return the moments of features.

        Args:
            features: Checked features, shape (N, D), N >= 2.

        Returns:
            Their moments, float64 whatever the dtype of the features.
        """
        return GroupMoments.of(features, np.zeros(len(features), dtype=np.int64)).without(None)


@dataclass(frozen=True, eq=False)
class GroupMoments:
    """Per-group sums from which the moments of the rest come by subtraction. Holds 8 G D^2 bytes."""

    shift: Floats
    """What is subtracted from every row before summing, shape (D,)."""
    rows: Ints
    """Rows of each group, shape (G,)."""
    sums: Floats
    """Sum of the shifted rows of each group, shape (G, D)."""
    outers: Floats
    """Sum of the outer products of the shifted rows of each group, shape (G, D, D)."""
    total: Floats
    """Sum over the groups of `sums`, shape (D,)."""
    total_outer: Floats
    """Sum over the groups of `outers`, shape (D, D)."""

    @classmethod
    def of(cls, features: Features, groups: Ints) -> GroupMoments:
        """Return the sums of each group.

        Args:
            features: Checked features, shape (N, D).
            groups: Group of each row, shape (N,), 0 to G - 1.

        Returns:
            The group moments.
        """
        shift = np.asarray(np.mean(features, axis=0, dtype=np.float64))
        count, width = int(groups.max()) + 1, features.shape[1]
        sums, outers = np.zeros((count, width)), np.zeros((count, width, width))
        for group in range(count):
            chosen = np.flatnonzero(groups == group)
            for start in range(0, len(chosen), _ROWS):
                block = features[chosen[start : start + _ROWS]].astype(np.float64) - shift
                sums[group] += block.sum(axis=0)
                outers[group] += block.T @ block
        rows = np.bincount(groups, minlength=count).astype(np.int64)
        return cls(shift, rows, sums, outers, sums.sum(axis=0), outers.sum(axis=0))

    def without(self, group: int | None) -> Moments:
        """Return the moments of all rows but one group's.

        Args:
            group: The group to leave out, or None for all rows.

        Returns:
            Moments of the rest.
        """
        rows, total, outer = int(self.rows.sum()), self.total, self.total_outer
        if group is not None:
            rows, total = rows - int(self.rows[group]), total - self.sums[group]
            outer = outer - self.outers[group]
        center = total / rows
        covariance = (outer - rows * np.outer(center, center)) / (rows - 1)
        return Moments(rows, self.shift + center, (covariance + covariance.T) / 2.0)
