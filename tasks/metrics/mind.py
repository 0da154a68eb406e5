"""MIND: the sliced squared Wasserstein distance, scaled to that of shifted Gaussians.

Definition: 3 D times the mean over unit directions u of W_2^2 between the two sets' projections on u; in one
dimension W_2^2 is the mean squared difference of the sorted values (of the quantile functions, where N and M
differ). A shift by m reads 3 |m|^2. Source: the metric of that name in torch-fidelity; Bonneel et al. (2015), J.
Math. Imaging Vis. 51, for the sliced distance.

Estimand: its expectation at this N, M and number of directions; biased upward by an amount that falls with N. Rank
only at equal N, M and directions. Shapes: real (N, D), synthetic (M, D), any real dtype; projected in float64.
Direction: lower. Bounds: 0 to infinity. Rows that bound it: the floor from below, the off-domain or noise row from
above. N_min: 1 row a side. Blind to: copies of the training set; differences that no single direction shows much
of.

Interval: none yet.
"""

from __future__ import annotations

import numpy as np

from benchmark.statistics.arrays import Features, Floats
from tasks.metrics.guard import FeatureError, check_pair

DEFAULT_DIRECTIONS = 1000
"""Random directions."""
_BYTES = 2**26


def mind(
    *, real: Features, synthetic: Features, directions: int = DEFAULT_DIRECTIONS, seed: int = 0, memory: int = _BYTES
) -> float:
    """Return the distance.

    Args:
        real: Features of real images, shape (N, D).
        synthetic: Features of synthetic images, shape (M, D).
        directions: Number of random directions, 1 or more.
        seed: Seed of the directions, the same for all variants that are to be compared.
        memory: Bytes that projections may take; changes the result within rounding only.

    Returns:
        The distance, 0 or more.

    Raises:
        FeatureError: if the features are not finite, 2-D and of equal width, or there is no direction.
    """
    if directions < 1:
        raise FeatureError(f"{directions} directions: expected one or more.")
    pair = check_pair(real=real, synthetic=synthetic, rows=1)
    width = pair.real.shape[1]
    chosen = np.random.default_rng(seed).normal(size=(directions, width))
    chosen /= np.linalg.norm(chosen, axis=1, keepdims=True)
    size = max(1, memory // (16 * (len(pair.real) + len(pair.synthetic))))
    total = 0.0
    for start in range(0, directions, size):
        part = chosen[start : start + size]
        first, second = (np.sort(_projected(rows, part), axis=1) for rows in pair)
        total += float(_squared_wasserstein(first, second).sum())
    return 3.0 * width * total / directions


def _projected(rows: Features, directions: Floats) -> Floats:
    """Return the projections, shape (directions, N); rows are converted a few at a time."""
    parts = [directions @ rows[at : at + 1024].astype(np.float64).T for at in range(0, len(rows), 1024)]
    return np.concatenate(parts, axis=1)


def _squared_wasserstein(first: Floats, second: Floats) -> Floats:
    """Return W_2^2 between sorted values, line by line: the integral of the squared gap of the quantile functions."""
    n, m = first.shape[1], second.shape[1]
    if n == m:
        return np.asarray(np.square(first - second).mean(axis=1))
    # Both quantile functions are constant between the multiples of 1 / N and of 1 / M; in units of 1 / (N M).
    ends = np.unique(np.concatenate([np.arange(1, n + 1) * m, np.arange(1, m + 1) * n]))
    widths = np.diff(ends, prepend=0) / (n * m)
    gaps = first[:, (ends - 1) // m] - second[:, (ends - 1) // n]
    return np.asarray(np.square(gaps) @ widths)
