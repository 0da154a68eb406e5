"""Mean and covariance of features in float64."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.statistics.arrays import Features, Floats

_ROWS = 1024


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
        """Return the moments of features; sums are taken about the mean, so that a common level cancels no digits.

        Args:
            features: Checked features, shape (N, D), N >= 2.

        Returns:
            Their moments, float64 whatever the dtype of the features.
        """
        rows, width = features.shape
        shift = np.asarray(np.mean(features, axis=0, dtype=np.float64))
        total, outer = np.zeros(width), np.zeros((width, width))
        for start in range(0, rows, _ROWS):
            block = features[start : start + _ROWS].astype(np.float64) - shift
            total += block.sum(axis=0)
            # A product with its own transpose is a symmetric one, at half the cost.
            outer += block.T @ block
        center = total / rows
        covariance = (outer - rows * np.outer(center, center)) / (rows - 1)
        return cls(rows, shift + center, (covariance + covariance.T) / 2.0)
