"""AuthPct: the share of synthetic images that are no near copies of a training image.

Definition: a synthetic row is authentic if it is farther from its nearest training row than that training row is
from its own nearest other one. Source: Alaa et al. (2022), ICML, "How faithful is your synthetic data?", section
3.3.

Estimand: its expectation at this N_train and M. Shapes: train (N, D), synthetic (M, D), any real dtype; distances
exact in float64. Direction: higher; but a generator that learnt the training distribution without copying reads
about one half, and one that is simply far off reads 1. Bounds: 0 to 1. Rows that bound it: copies of the training
set from below; held-out real images of the same slides say what no copying reads. N_min: 2 training rows, 1
synthetic row. Blind to: copies of training images that have a near twin among the training images (deduplicate
first); copies that were turned or shifted.

Interval: none yet.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from benchmark.statistics.arrays import Bools, Floats, Ints
from tasks.metrics.guard import Table, check_named
from tasks.metrics.nearest import nearest_others, nearest_rows
from tasks.metrics.pairs.one_pass import MEMORY


class Authenticity(NamedTuple):
    """Which synthetic rows are authentic, and what was compared."""

    share: float
    """Share of authentic synthetic rows, 0 to 1."""
    authentic: Bools
    """Whether each synthetic row is, shape (M,)."""
    distances: Floats
    """Distance of each synthetic row to its nearest training row, shape (M,)."""
    nearest_train: Ints
    """Which training row that is, shape (M,)."""


def authenticity(*, train: Table, synthetic: Table, memory: int = MEMORY) -> Authenticity:
    """Return the share of authentic synthetic rows.

    Args:
        train: Features of the images the generator learnt from, shape (N, D), N >= 2.
        synthetic: Features of synthetic images, shape (M, D), M >= 1.
        memory: Bytes that tiles may take; never changes the result.

    Returns:
        The share, and of each synthetic row its nearest training row.

    Raises:
        FeatureError: if the features are not finite, 2-D, of equal width and with enough rows.
    """
    checked = check_named(rows={"train": 2, "synthetic": 1}, train=train, synthetic=synthetic)
    to_train = nearest_rows(of=checked["synthetic"], among=checked["train"], memory=memory)
    distances, nearest = to_train.distances[:, 0], to_train.rows[:, 0]
    gaps = nearest_others(features=checked["train"], memory=memory).distances[:, 0]
    authentic = distances > gaps[nearest]
    return Authenticity(float(np.mean(authentic)), authentic, distances, nearest)
