"""Exact nearest neighbors and ball membership in bounded memory.

"Exact" means equal to a float64 brute force on differences: sum_d (x_d - y_d)^2. A matrix product screens the
pairs, |x|^2 + |y|^2 - 2 x.y about a common center, with a rigorous bound on its error; pairs the bound cannot
decide are computed again from the differences. So the results depend neither on the block size nor on the
BLAS, and ties (copies, constant features) come out as ties. Distances are compared as squares.

Bound: a float64 dot product of D terms errs by at most D u |x||y| (u = 2^-53) whatever the order of its terms
(Higham 2002, section 3.1), each square norm likewise, and centering errs by u a coordinate. In sum less than
2 (D + 8) u (|x| + |y|)^2 <= 4 (D + 8) u (|x|^2 + |y|^2); twice that is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from benchmark.statistics.arrays import Bools, Features, Floats, Ints

_BLOCK_BYTES = 2**25
_EXACT_BYTES = 2**24
# Squares that underflow err by more than their share; this covers them.
_TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, eq=False)
class Membership:
    """How points and balls meet."""

    balls_of_point: Ints
    """Balls that hold each point, shape (points,)."""
    points_in_ball: Ints
    """Points that each ball holds, shape (centers,)."""


def squared_radii(features: Features, *, k: int, block_rows: int | None = None) -> Floats:
    """Return each row's squared distance to its k-th nearest other row.

    Args:
        features: Checked features, shape (N, D), N > k.
        k: Which neighbor, 1 or more, the row itself not counted (a copy of it is).
        block_rows: Rows a block; None for as many as fit 32 MiB.

    Returns:
        Squared radii, shape (N,), exact.
    """
    radii, pairs = np.empty(len(features)), _ExactPairs(features, features)
    for block in _screen(features, features, block_rows):
        inside = np.arange(len(block.rows))
        block.approximate[inside, block.rows] = np.inf
        kth = np.partition(block.approximate, k - 1, axis=1)[:, k - 1]
        # Whatever is truly among the k nearest reads at most the k-th reading plus the error of either.
        row, column = np.nonzero(block.approximate <= (kth + 2.0 * block.error)[:, None])
        values = pairs.squared(block.rows[row], column)
        order = np.lexsort((values, row))
        starts = np.searchsorted(row, inside)
        radii[block.rows] = values[order][starts + k - 1]
    return radii


def membership(
    *,
    points: Features,
    centers: Features,
    squared: Floats,
    closed: bool,
    block_rows: int | None = None,
) -> Membership:
    """Count the balls each point lies in, and the points each ball holds.

    Args:
        points: Checked features, shape (P, D).
        centers: Checked features, shape (C, D).
        squared: Squared radius of the ball about each center, shape (C,), exact.
        closed: Whether a point at just the radius lies within (`<=`) or not (`<`).
        block_rows: Points a block; None for as many as fit 32 MiB.

    Returns:
        The counts, exact.
    """
    balls = np.zeros(len(points), dtype=np.int64)
    held = np.zeros(len(centers), dtype=np.int64)
    pairs = _ExactPairs(points, centers)
    for block in _screen(points, centers, block_rows):
        gap = block.approximate - squared
        inside: Bools = gap < 0.0
        row, column = np.nonzero(np.abs(gap) <= block.error[:, None])
        values = pairs.squared(block.rows[row], column)
        inside[row, column] = values <= squared[column] if closed else values < squared[column]
        balls[block.rows] = inside.sum(axis=1)
        held += inside.sum(axis=0)
    return Membership(balls, held)


class _Block(NamedTuple):
    """Screened squared distances of some rows to all others, with the greatest error of each row."""

    rows: Ints
    approximate: Floats
    error: Floats


def _screen(first: Features, second: Features, block_rows: int | None) -> Iterator[_Block]:
    """Yield the screen in blocks of rows of `first`."""
    size = block_rows or max(1, _BLOCK_BYTES // (8 * len(second)))
    center = np.mean(second, axis=0, dtype=np.float64)
    columns = max(1, _BLOCK_BYTES // (8 * second.shape[1]))
    norms = np.concatenate(
        [_norms(second[start : start + columns] - center) for start in range(0, len(second), columns)]
    )
    factor = 8.0 * (first.shape[1] + 8) * 2.0**-53
    for start in range(0, len(first), size):
        block = first[start : start + size].astype(np.float64) - center
        own = _norms(block)
        approximate = np.empty((len(block), len(second)))
        for at in range(0, len(second), columns):
            tile = second[at : at + columns].astype(np.float64) - center
            approximate[:, at : at + columns] = block @ tile.T
        approximate *= -2.0
        approximate += own[:, None]
        approximate += norms
        yield _Block(
            np.arange(start, start + len(block), dtype=np.int64),
            approximate,
            factor * (own + norms.max()) + _TINY,
        )


def _norms(block: Floats) -> Floats:
    return np.asarray(np.square(block).sum(axis=1))


class _ExactPairs:
    """Squared distances of listed pairs from their differences; equal pairs of rows are computed once.

    A collapsed generator makes every pair ambiguous. Its rows are copies, so few pairs are left to compute.
    """

    def __init__(self, first: Features, second: Features) -> None:
        self._first, self._second = first, second
        self._first_copy = _first_copies(first)
        self._second_copy = self._first_copy if second is first else _first_copies(second)

    def squared(self, rows: Ints, columns: Ints) -> Floats:
        """Return the squared distances of `first[rows]` and `second[columns]`, shape (pairs,)."""
        count = len(self._second)
        codes = self._first_copy[rows] * count + self._second_copy[columns]
        unique, inverse = np.unique(codes, return_inverse=True)
        values = np.empty(len(unique))
        size = max(1, _EXACT_BYTES // (8 * self._first.shape[1]))
        for start in range(0, len(unique), size):
            row, column = np.divmod(unique[start : start + size], count)
            gaps = self._first[row].astype(np.float64) - self._second[column].astype(np.float64)
            values[start : start + size] = _norms(gaps)
        return np.asarray(values[inverse])


def _first_copies(features: Features) -> Ints:
    """Return the first row equal to each row, shape (N,)."""
    seen: dict[bytes, int] = {}
    copies = (seen.setdefault(row.tobytes(), index) for index, row in enumerate(features))
    return np.fromiter(copies, dtype=np.int64, count=len(features))
