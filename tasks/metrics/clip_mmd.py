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

Interval: delete-a-group jackknife (`clip_mmd_replicates`), as for the kernel distance, and as there on the wide side at
the floor, where the estimate is degenerate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from benchmark.statistics.arrays import Ints
from benchmark.statistics.groups import check_groups
from benchmark.statistics.jackknife import Replicates
from tasks.metrics.guard import FeatureError, FeaturePair, Table, check_pair
from tasks.metrics.kernel import MINIMUM_ROWS, KernelSums, kernel_replicates, members
from tasks.metrics.pairs import tiles
from tasks.metrics.pairs.one_pass import MEMORY, as_tensor, full_precision
from tasks.metrics.pairs.points import Frame, Points

DEFAULT_SIGMA = 10.0
"""Width of the kernel, as published."""
SCALE = 1000.0
"""What the squared MMD is multiplied with, as published."""
_ROWS = 4096


class ClipMmd(NamedTuple):
    """Both estimates, times 1,000."""

    unbiased: float
    """Without the pairs of a row with itself; may be below zero."""
    biased: float
    """With them, as published numbers are."""


class ClipMmdReplicates(NamedTuple):
    """Both estimates with their values without each group of each side."""

    unbiased: Replicates
    biased: Replicates


def clip_mmd(*, real: Table, synthetic: Table, sigma: float = DEFAULT_SIGMA, memory: int = MEMORY) -> ClipMmd:
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
    pair = _checked(real, synthetic, sigma)
    one, other = (np.zeros(len(side), dtype=np.int64) for side in pair)
    sums = _sums(pair, one, other, sigma, memory)
    both = {"real": sums.is_real, "synthetic": ~sums.is_real}
    return ClipMmd(sums.estimate(**both), sums.biased_estimate(**both))


def clip_mmd_replicates(
    *, real: Table, synthetic: Table, real_groups: Ints, synthetic_groups: Ints, sigma: float = DEFAULT_SIGMA,
    memory: int = MEMORY,
) -> ClipMmdReplicates:  # fmt: skip
    """Return both estimates and their values with each group of each side left out, in one pass over the pairs.

    Args:
        real: Features of real images, shape (N, D).
        synthetic: Features of synthetic images, shape (M, D).
        real_groups: Group of each real row, shape (N,), 0 to G - 1.
        synthetic_groups: Group of each synthetic row, shape (M,), 0 to H - 1.
        sigma: Width of the kernel, above 0.
        memory: Bytes that tiles may take.

    Returns:
        Replicates with the sides real and synthetic.

    Raises:
        FeatureError: as `clip_mmd`, or if fewer than two rows are left without some group.
        UserError: if the groups cannot be used.
    """
    pair = _checked(real, synthetic, sigma)
    labels = [
        check_groups(groups, rows=len(rows), role=role)
        for groups, rows, role in zip((real_groups, synthetic_groups), pair, pair._fields, strict=True)
    ]
    sums = _sums(pair, labels[0], labels[1], sigma, memory)
    return ClipMmdReplicates(kernel_replicates(sums), kernel_replicates(sums, biased=True))


def _checked(real: Table, synthetic: Table, sigma: float) -> FeaturePair:
    if not sigma > 0.0:
        raise FeatureError(f"sigma = {sigma}: expected a width above 0.")
    return check_pair(real=real, synthetic=synthetic, rows=MINIMUM_ROWS)


def _sums(pair: FeaturePair, real_groups: Ints, synthetic_groups: Ints, sigma: float, memory: int) -> KernelSums:
    """Return 1,000 times the sums of k - 1 by groups.

    A row with itself adds 0 to them, so that they serve both estimates, in which the ones cancel; near 1, the kernel
    itself would lose the digits that differ.
    """
    first, second = (_units(as_tensor(rows), role) for role, rows in pair._asdict().items())
    with torch.inference_mode(), full_precision():
        frame = Frame.about(first, second)
        one, other = Points(first, frame), Points(second, frame)
        left, right = (
            torch.from_numpy(members(groups)).to(first.device).double() for groups in (real_groups, synthetic_groups)
        )
        side = tiles.side_for(memory, first.shape[1])
        cross = _summed(tiles.between(one, other, side), left, right, sigma)
        inner = _summed(tiles.within(one, side), left, left, sigma)
        outer = _summed(tiles.within(other, side), right, right, sigma)
    pairs = torch.cat([torch.cat([inner, cross], dim=1), torch.cat([cross.T, outer], dim=1)]).cpu().numpy()
    sums = KernelSums.of(pairs, real_groups=real_groups, synthetic_groups=synthetic_groups)
    return replace(sums, pairs=SCALE * sums.pairs)


def _summed(visited: Iterator[tiles.Tile], left: Tensor, right: Tensor, sigma: float) -> Tensor:
    """Return the sum of k - 1 over ordered pairs of rows of groups g and h, shape (G, H)."""
    total = torch.zeros(left.shape[1], right.shape[1], dtype=torch.float64, device=left.device)
    for tile in visited:
        values = torch.expm1(_squared(tile).mul_(-0.5 / sigma**2))
        part = left[tile.rows].T @ (values.double() @ right[tile.columns])
        total += part + part.T if tile.mirrored else part
    return total


def _squared(tile: tiles.Tile) -> Tensor:
    left, right = tile.first.norms[tile.rows].float(), tile.second.norms[tile.columns].float()
    squared = torch.add(left[:, None], right).add_(tile.products, alpha=-2.0).clamp_(min=0.0)
    if tile.diagonal:
        squared.fill_diagonal_(0.0)
    return squared.mul_(1.0 / tile.first.frame.scale**2)


def _units(rows: Tensor, role: str) -> Tensor:
    """Return rows of length one, float32; few at a time are in float64."""
    units = torch.empty(rows.shape, dtype=torch.float32, device=rows.device)
    for at in range(0, len(rows), _ROWS):
        part = rows[at : at + _ROWS].double()
        lengths = torch.linalg.vector_norm(part, dim=1)
        if (lengths == 0.0).any():
            raise FeatureError(
                f"Row {at + int(lengths.argmin())} of the {role} features is all zero: it has no direction."
            )
        units[at : at + _ROWS] = part / lengths[:, None]
    return units
