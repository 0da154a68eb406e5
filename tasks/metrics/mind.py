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

Interval: delete-a-group jackknife, to first order (`mind_replicates`), for these directions. At the floor the distance
is degenerate, as the Frechet distance is, and the interval on the wide side.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from benchmark.statistics.arrays import Features, Floats, Ints
from benchmark.statistics.groups import check_groups
from benchmark.statistics.jackknife import Replicates, Side
from tasks.metrics.guard import ArrayPair, FeatureError, Table, check_pair

DEFAULT_DIRECTIONS = 1000
"""Random directions."""
_BYTES = 2**26


def mind(
    *, real: Table, synthetic: Table, directions: int = DEFAULT_DIRECTIONS, seed: int = 0, memory: int = _BYTES
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
    pair = _checked(real, synthetic, directions)
    total = 0.0
    for part in _directions(pair, directions, seed, memory):
        first, second = (np.sort(_projected(rows, part), axis=1) for rows in pair)
        total += float(_squared_wasserstein(first, second).sum())
    return 3.0 * pair.real.shape[1] * total / directions


def mind_replicates(
    *, real: Table, synthetic: Table, real_groups: Ints, synthetic_groups: Ints,
    directions: int = DEFAULT_DIRECTIONS, seed: int = 0, memory: int = _BYTES,
) -> Replicates:  # fmt: skip
    """Return the distance and, to first order, its values with each group of each side left out.

    The influence of a row on W_2^2 of one direction is the Kantorovich potential at its projection, less its mean:
    the integral of 2 (x - T(x)), T the monotone map to the other side (Santambrogio 2015, Optimal Transport for
    Applied Mathematicians, section 7.2).

    Args:
        real: Features of real images, shape (N, D).
        synthetic: Features of synthetic images, shape (M, D).
        real_groups: Group of each real row, shape (N,), 0 to G - 1.
        synthetic_groups: Group of each synthetic row, shape (M,), 0 to H - 1.
        directions: Number of random directions, 1 or more.
        seed: Seed of the directions.
        memory: Bytes that projections may take.

    Returns:
        Replicates with the sides real and synthetic.

    Raises:
        FeatureError: as `mind`.
        UserError: if the groups cannot be used.
    """
    pair = _checked(real, synthetic, directions)
    groups = ArrayPair(
        check_groups(real_groups, rows=len(pair.real), role="real"),
        check_groups(synthetic_groups, rows=len(pair.synthetic), role="synthetic"),
    )
    total, influences = 0.0, ArrayPair(np.zeros(len(pair.real)), np.zeros(len(pair.synthetic)))
    for part in _directions(pair, directions, seed, memory // 4):
        one, other = (_Line.of(_projected(rows, part)) for rows in pair)
        total += float(_squared_wasserstein(one.values, other.values).sum())
        one.add_potentials(other, influences.real)
        other.add_potentials(one, influences.synthetic)
    scale = 3.0 * pair.real.shape[1] / directions
    sides = (
        Side.first_order(role, full=scale * total, influence=scale * (found - found.mean()), groups=labels)
        for role, found, labels in zip(pair._fields, influences, groups, strict=True)
    )
    return Replicates(scale * total, tuple(sides))


class _Line(NamedTuple):
    """Projections of one side on some directions, sorted."""

    values: Floats
    """Shape (directions, N)."""
    rows: Ints
    """Which row each is of, shape (directions, N)."""

    @classmethod
    def of(cls, projected: Floats) -> _Line:
        order = np.argsort(projected, axis=1)
        return cls(np.take_along_axis(projected, order, axis=1), order)

    def add_potentials(self, other: _Line, total: Floats) -> None:
        """Add to each row its potentials, by the trapezoidal rule between neighbors."""
        gaps = self.values - _mapped(other.values, self.values.shape[1])
        steps = np.diff(self.values, axis=1) * (gaps[:, 1:] + gaps[:, :-1])
        potentials = np.cumsum(np.concatenate([np.zeros((len(steps), 1)), steps], axis=1), axis=1)
        # Each has a free constant of its own; centered, sums over directions stay small.
        potentials -= potentials.mean(axis=1, keepdims=True)
        total += np.bincount(self.rows.ravel(), weights=potentials.ravel(), minlength=len(total))


def _mapped(values: Floats, count: int) -> Floats:
    """Return the means of `count` equal shares of sorted values, line by line: where the monotone map takes them."""
    n = values.shape[1]
    ends = np.arange(count + 1) * n
    whole, rest = ends // count, (ends % count) / count
    below = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    upto = below[:, whole] + rest * values[:, np.minimum(whole, n - 1)]
    return np.asarray(np.diff(upto, axis=1) * (count / n))


def _checked(real: Table, synthetic: Table, directions: int) -> ArrayPair:
    if directions < 1:
        raise FeatureError(f"{directions} directions: expected one or more.")
    return check_pair(real=real, synthetic=synthetic, rows=1).arrays()


def _directions(pair: ArrayPair, directions: int, seed: int, memory: int) -> Iterator[Floats]:
    """Yield unit directions, as many at a time as memory allows."""
    chosen = np.random.default_rng(seed).normal(size=(directions, pair.real.shape[1]))
    chosen /= np.linalg.norm(chosen, axis=1, keepdims=True)
    size = max(1, memory // (16 * (len(pair.real) + len(pair.synthetic))))
    return (chosen[start : start + size] for start in range(0, directions, size))


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
