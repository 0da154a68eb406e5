"""Squared distances of listed pairs from their differences, in float64, on the processor."""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import Tensor

from benchmark.statistics.arrays import Floats, Ints

_BYTES = 2**24


class ExactPairs:
    """Squared distances between listed rows of two sets: sum_d (x_d - y_d)^2.

    The sum over one pair's differences does not depend on which other pairs are listed, so ties come out as ties.
    A pair that is listed several times, as by halves of the rows, is computed once; where many are listed, so are pairs
    of equal rows: a collapsed generator leaves every pair in doubt, but its rows are copies.
    """

    def __init__(self, first: Tensor, second: Tensor) -> None:
        """Take the features of both sets, shapes (N, D) and (M, D)."""
        self._first, self._second = first, second
        self._copies: tuple[Ints, Ints] | None = None

    def squared(self, rows: Tensor, columns: Tensor) -> Floats:
        """Return the squared distances of `first[rows]` and `second[columns]`, shape (pairs,)."""
        row, column = rows.cpu().numpy(), columns.cpu().numpy()
        if len(row) > len(self._first):
            first, second = self._first_copies()
            row, column = first[row], second[column]
        unique, inverse = np.unique(row * len(self._second) + column, return_inverse=True)
        return np.asarray(self._compute(*np.divmod(unique, len(self._second)))[inverse])

    def _compute(self, rows: Ints, columns: Ints) -> Floats:
        values = np.empty(len(rows))
        size = max(1, _BYTES // (8 * self._first.shape[1]))
        for at in range(0, len(rows), size):
            gaps = _taken(self._first, rows[at : at + size]) - _taken(self._second, columns[at : at + size])
            values[at : at + size] = np.square(gaps, out=gaps).sum(axis=1)
        return values

    def _first_copies(self) -> tuple[Ints, Ints]:
        """Return the first row equal to each row, of both sets."""
        if self._copies is None:
            first = _first_copies(self._first)
            self._copies = first, first if self._second is self._first else _first_copies(self._second)
        return self._copies


def _taken(features: Tensor, rows: Ints) -> Floats:
    return features[torch.from_numpy(rows).to(features.device)].double().cpu().numpy()


def _first_copies(features: Tensor) -> Ints:
    # By digest: as keys, the rows themselves would be a second copy of all features.
    seen: dict[bytes, int] = {}
    bytes_of = features.cpu().contiguous().view(torch.uint8).numpy()
    digests = (hashlib.blake2b(row, digest_size=16).digest() for row in bytes_of)
    copies = (seen.setdefault(digest, index) for index, digest in enumerate(digests))
    return np.fromiter(copies, dtype=np.int64, count=len(features))
