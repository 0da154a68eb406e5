"""The nearest rows of another set, or of the same: whose copy is this?

Definition: Euclidean distance to the k nearest rows, and which they are; of equally near ones the first. Exact:
equal to a float64 brute force on differences. Source: none needed; AuthPct and C_T are made of it.

Estimand: none; a property of these rows. Shapes: of (N, D), among (M, D), any real dtype. Direction: none. Bounds:
0 to infinity. Rows that bound it: none; held-out images of the training slides are what to hold it against.
N_min: k rows to be found. Blind to: copies that were turned, shifted or recolored, unless the features are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from benchmark.statistics.arrays import Floats, Ints
from tasks.metrics.guard import Table, check_k, check_named
from tasks.metrics.pairs import tiles
from tasks.metrics.pairs.neighbors import Nearest, Neighbors
from tasks.metrics.pairs.one_pass import MEMORY, as_tensor, full_precision
from tasks.metrics.pairs.points import Frame, Points


class NearestRows(NamedTuple):
    """The nearest rows, nearest first."""

    distances: Floats
    """Distances, shape (N, k)."""
    rows: Ints
    """Which rows they are, shape (N, k)."""


def nearest_rows(*, of: Table, among: Table, k: int = 1, memory: int = MEMORY) -> NearestRows:
    """Return the nearest rows of each row in another set.

    Args:
        of: Features whose neighbors are looked for, shape (N, D), synthetic images say.
        among: Features among which, shape (M, D), M >= k, training images say.
        k: How many.
        memory: Bytes that tiles may take; never changes the result.

    Returns:
        Distances and row numbers.

    Raises:
        FeatureError: if the features are not finite, 2-D, of equal width and with enough rows, or k is below 1.
    """
    check_k(k)
    checked = check_named(rows={"of": 1, "among": k}, of=of, among=among)
    first, second = as_tensor(checked["of"]), as_tensor(checked["among"])
    with torch.inference_mode(), full_precision():
        frame = Frame.about(first, second)
        points, others = Points(first, frame), Points(second, frame)
        found = Neighbors(points, keep=k, others=others)
        for tile in tiles.between(points, others, tiles.side_for(memory, first.shape[1])):
            found.take(tile)
        return _rooted(found.nearest(k))


def nearest_others(*, features: Table, k: int = 1, memory: int = MEMORY) -> NearestRows:
    """Return the nearest other rows of each row of one set; a copy of a row counts, the row itself does not.

    Args:
        features: Features, shape (N, D), N > k.
        k: How many.
        memory: Bytes that tiles may take; never changes the result.

    Returns:
        Distances and row numbers.

    Raises:
        FeatureError: if the features are not finite, 2-D and with enough rows, or k is below 1.
    """
    check_k(k)
    rows = as_tensor(check_named(rows={"given": k + 1}, given=features)["given"])
    with torch.inference_mode(), full_precision():
        points = Points(rows, Frame.about(rows))
        found = Neighbors(points, keep=k)
        for tile in tiles.within(points, tiles.side_for(memory, rows.shape[1])):
            found.take(tile)
        return _rooted(found.nearest(k))


def _rooted(nearest: Nearest) -> NearestRows:
    return NearestRows(np.sqrt(nearest.squared), nearest.index)
