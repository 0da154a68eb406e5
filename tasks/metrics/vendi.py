"""The Vendi score: how many different images a set is worth.

Definition: exp of the Rényi entropy of order q of the eigenvalues of K / N, K the cosine similarities of the rows:
(sum_i w_i^q)^(1 / (1 - q)); at q = 1 exp(-sum_i w_i log w_i), at q = infinity 1 / max_i w_i. Source: Friedman and
Dieng (2023), TMLR, eq. 1; Pasarkar and Dieng (2024), AISTATS, eq. 2, for the order q: small q weighs rare kinds
more.

Estimand: the value of this set at this N; it grows with N. Rank only at equal N and q. Shapes: features (N, D), any
real dtype; computed in float64. Direction: higher is more diverse, not better: noise is diverse. Bounds: 1 (all
rows of one direction) to min(N, D). Rows that bound it: the floor (real images at the same N) from neither side: a
set less diverse than real images has lost something, one more diverse shows something else. N_min: 1 row. Blind to:
whether images look like real ones at all; copies of the training set; the lengths of the rows.

Interval: delete-a-group jackknife, eigenvalues computed anew without each group (`vendi_replicates`): to first order it
would be half too narrow where rows are few beside columns. At order 0, which counts directions, there is none.
"""

from __future__ import annotations

import math

import numpy as np

from benchmark.statistics.arrays import Bools, Features, Floats, Ints
from benchmark.statistics.groups import check_groups
from benchmark.statistics.jackknife import Replicates, Side
from tasks.metrics.guard import FeatureError, Table, as_array, check_features

_ROWS = 1024
_NEAR_ONE = 0.1
"""Distance of q from 1 below which sum_i w_i^q is taken as 1 + sum_i w_i (w_i^(q - 1) - 1), so that 1 cancels."""


def vendi_score(*, features: Table, q: float = 1.0) -> float:
    """Return the Vendi score of one set.

    Args:
        features: Features of the images of one role, shape (N, D).
        q: Order, 0 or more; `math.inf` for the largest eigenvalue alone.

    Returns:
        The score, 1 to min(N, D).

    Raises:
        FeatureError: if the features are not finite and 2-D, a row is all zero, or q is below 0.
    """
    rows = _checked(features, q)
    return _score(_weights(_gram(rows), len(rows)), q)


def vendi_replicates(*, features: Table, groups: Ints, q: float = 1.0) -> Replicates:
    """Return the score and its values with each group left out.

    Args:
        features: Features of the images of one role, shape (N, D).
        groups: Group of each row, shape (N,), 0 to G - 1.
        q: Order, above 0; `math.inf` for the largest eigenvalue alone.

    Returns:
        Replicates with the side given.

    Raises:
        FeatureError: as `vendi_score`, or if q is 0: the score is then a count, and not smooth.
        UserError: if the groups cannot be used.
    """
    rows = _checked(features, q)
    if q == 0.0:
        raise FeatureError("The Vendi score of order 0 counts directions: it is not smooth, and has no jackknife.")
    labels = check_groups(groups, rows=len(rows), role="given")
    table = _gram(rows)
    values = [_score(_without(table, rows, labels == group), q) for group in range(int(labels.max()) + 1)]
    return Replicates(_score(_weights(table, len(rows)), q), (Side.of("given", groups=labels, values=values),))


def _without(table: Floats, rows: Features, left_out: Bools) -> Floats:
    """Return the eigenvalues of K / N without some rows, from the matrix of all."""
    kept = ~left_out
    if len(rows) <= rows.shape[1]:
        return _weights(table[np.ix_(kept, kept)], int(kept.sum()))
    units = _units(rows[left_out], 0)
    return _weights(table - units.T @ units, int(kept.sum()))


def _checked(features: Table, q: float) -> Features:
    if not q >= 0.0:
        raise FeatureError(f"The order q of a Vendi score is 0 or more, not {q}.")
    return as_array(check_features(features, role="given", rows=1))


def _weights(table: Floats, count: int) -> Floats:
    """Return the eigenvalues over the number of rows, those at rounding level left out."""
    weights = np.linalg.eigvalsh(table) / count
    return np.asarray(weights[weights > len(weights) * np.finfo(np.float64).eps])


def _score(weights: Floats, q: float) -> float:
    """Return exp of the entropy, in logarithms: powers of weights vanish at large q."""
    weights = weights / weights.sum()  # 1 but for rounding, which 1 / (1 - q) would magnify.
    if q == 0.0:
        return float(len(weights))
    largest, logs = weights.max(), np.log(weights)
    if math.isinf(q):
        return float(1.0 / largest)
    if q == 1.0:
        return float(np.exp(-(weights * logs).sum()))
    if abs(q - 1.0) < _NEAR_ONE:
        entropy = np.log1p((weights * np.expm1((q - 1.0) * logs)).sum()) / (1.0 - q)
    else:
        entropy = q / (1.0 - q) * np.log(largest) + np.log(((weights / largest) ** q).sum()) / (1.0 - q)
    return float(np.exp(entropy))


def _gram(rows: Features) -> np.ndarray:
    """Return a symmetric matrix with the eigenvalues of K, of the smaller of both sizes."""
    if len(rows) <= rows.shape[1]:
        units = _units(rows, 0)
        return np.asarray(units @ units.T)
    table = np.zeros((rows.shape[1], rows.shape[1]))
    for start in range(0, len(rows), _ROWS):
        units = _units(rows[start : start + _ROWS], start)
        table += units.T @ units
    return table


def _units(rows: Features, first: int) -> np.ndarray:
    table = rows.astype(np.float64)
    # Scaled before they are squared: the squares of large or small numbers would overflow or vanish.
    largest = np.abs(table).max(axis=1, keepdims=True)
    if (largest == 0.0).any():
        raise FeatureError(
            f"Row {first + int(np.argmin(largest))} of the features is all zero: it has no direction, and no cosine."
        )
    table /= largest
    return np.asarray(table / np.linalg.norm(table, axis=1, keepdims=True))
