"""CMMD: the squared MMD of unit rows with a Gaussian kernel, meant for CLIP features.

Definition: rows divided by their lengths; k(x, y) = exp(-|x - y|^2 / (2 sigma^2)), sigma = 10; 1,000 times the
squared MMD. Published numbers are of the biased estimate, which counts every row with itself; it is above the
unbiased one by at most 2000 (1 / N + 1 / M) times the mean of 1 - k. Source: Jayasumana et al. (2024), CVPR,
arXiv:2401.09603, section 4; features of CLIP ViT-L/14 at 336 pixels.

Estimand: unbiased: the population value, at any N, so it may be below zero; biased: its expectation at this N and
M. Shapes: real (N, D), synthetic (M, D), any real dtype; k - 1 in float32, summed in float64. Direction: lower.
Bounds: none below for the unbiased estimate, 0 for the biased one; 2,000 above. Rows that bound it: the floor from
below, the off-domain or noise row from above. N_min: 2 rows a side. Blind to: the lengths of the rows; copies of
the training set. At sigma = 10 the kernel is all but linear in |x - y|^2: it sees little beyond the distance of the
means.

Interval: none yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from benchmark.statistics.arrays import Features
from tasks.metrics.guard import FeatureError, check_pair
from tasks.metrics.pairs import tiles
from tasks.metrics.pairs.one_pass import MEMORY, as_tensor, full_precision
from tasks.metrics.pairs.points import Frame, Points

DEFAULT_SIGMA = 10.0
"""Width of the kernel, as published."""
SCALE = 1000.0
"""What the squared MMD is multiplied with, as published."""
MINIMUM_ROWS = 2
"""Fewest rows a side: a pair of different rows."""


class ClipMmd(NamedTuple):
    """Both estimates, times 1,000."""

    unbiased: float
    """Without the pairs of a row with itself; may be below zero."""
    biased: float
    """With them, as published numbers are."""


def clip_mmd(*, real: Features, synthetic: Features, sigma: float = DEFAULT_SIGMA, memory: int = MEMORY) -> ClipMmd:
    """Return the squared MMD of unit rows, times 1,000.

    Args:
        real: Features of real images, shape (N, D), N >= 2.
        synthetic: Features of synthetic images, shape (M, D), M >= 2.
        sigma: Width of the kernel, above 0.
        memory: Bytes that tiles may take; changes the result within rounding only.

    Returns:
        Both estimates.

    Raises:
        FeatureError: if the features are not finite, 2-D, of equal width and with enough rows, a row is all zero, or
            sigma is not above 0.
    """
    if not sigma > 0.0:
        raise FeatureError(f"sigma = {sigma}: expected a width above 0.")
    pair = check_pair(real=real, synthetic=synthetic, rows=MINIMUM_ROWS)
    first, second = (_units(as_tensor(rows), role) for role, rows in pair._asdict().items())
    n, m = len(first), len(second)
    with torch.inference_mode(), full_precision():
        frame = Frame.about(first, second)
        one, other = Points(first, frame), Points(second, frame)
        side = tiles.side_for(memory, first.shape[1])
        # A row with itself adds k - 1 = 0, so that the sums serve both estimates; the ones cancel.
        real_sum, synthetic_sum = (_sum(tiles.within(points, side), sigma) for points in (one, other))
        cross = 2.0 * _sum(tiles.between(one, other, side), sigma) / (n * m)
    unbiased = real_sum / (n * (n - 1)) + synthetic_sum / (m * (m - 1)) - cross
    biased = real_sum / n**2 + synthetic_sum / m**2 - cross
    return ClipMmd(SCALE * unbiased, SCALE * biased)


def _sum(visited: Iterator[tiles.Tile], sigma: float) -> float:
    """Return the sum of k - 1 over ordered pairs: near 1, the kernel itself would lose the digits that differ."""
    total = 0.0
    for tile in visited:
        squared = _squared(tile)
        part = float(torch.expm1(squared.mul_(-0.5 / sigma**2)).sum(dtype=torch.float64))
        total += 2.0 * part if tile.mirrored else part
    return total


def _squared(tile: tiles.Tile) -> Tensor:
    left, right = tile.first.norms[tile.rows].float(), tile.second.norms[tile.columns].float()
    squared = torch.add(left[:, None], right).add_(tile.products, alpha=-2.0).clamp_(min=0.0)
    if tile.diagonal:
        squared.fill_diagonal_(0.0)
    return squared.mul_(1.0 / tile.first.frame.scale**2)


def _units(rows: Tensor, role: str) -> Tensor:
    lengths = torch.linalg.vector_norm(rows, dim=1, dtype=torch.float64)
    if (lengths == 0.0).any():
        raise FeatureError(f"Row {int(lengths.argmin())} of the {role} features is all zero: it has no direction.")
    return (rows / lengths[:, None]).float()
