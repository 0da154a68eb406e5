"""Sums of the cubic kernel by groups."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tasks.metrics.pairs import tiles
from tasks.metrics.pairs.kernel_sums import CubicKernel


def masks(rows, groups, seed):
    """Overlapping groups."""
    return torch.from_numpy(np.random.default_rng(seed).random((rows, groups)) < 0.5).float()


@pytest.mark.parametrize("side", [1, 9, 100])
def test_within_a_set_no_row_meets_itself(sets, side):
    """Mirrored tiles count both ways."""
    rows = np.random.default_rng(0).normal(size=(30, 4)) + 1.0
    (points,) = sets.points(rows)
    members = masks(30, 3, 1)
    found = CubicKernel(points, points, left=members, right=members)
    for tile in tiles.within(points, side):
        found.take(tile)
    kernel = (rows @ rows.T / 4 + 1) ** 3
    np.fill_diagonal(kernel, 0.0)
    np.testing.assert_allclose(found.sums.numpy(), members.T.numpy() @ kernel @ members.numpy(), rtol=1e-6)


def test_between_sets_rows_and_columns_keep_their_groups(sets):
    """Three groups on one side, two on the other."""
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(30, 4)), rng.normal(size=(20, 4)) + 2.0
    first, second = sets.points(one, other)
    left, right = masks(30, 3, 1), masks(20, 2, 2)
    found = CubicKernel(first, second, left=left, right=right)
    for tile in tiles.between(first, second, 7):
        found.take(tile)
    expected = left.T.numpy() @ (one @ other.T / 4 + 1) ** 3 @ right.numpy()
    np.testing.assert_allclose(found.sums.numpy(), expected, rtol=1e-6)
