"""The realism score of each image: how deep it lies within the real images' balls.

Definition: the largest, over real rows, of the distance from a real row to its k-th nearest other real row, divided
by the distance of the synthetic row to it; only real rows whose radius is not above the median count, lest one
outlier's huge ball hold everything. 1 or more means within such a ball. Source: Kynkaanniemi et al. (2019),
arXiv:1904.06991, eq. 3, k = 3.

Estimand: none; a property of an image beside these N real ones. It grows with N. Shapes: real (N, D), synthetic (M,
D), any real dtype. Direction: higher. Bounds: 0 to infinity (a copy of a real row). Rows that bound it: noise from
below; real images from neither side. N_min: k + 1 real rows, 1 synthetic row. Blind to: copies, which have the
greatest score; what is missing from the set.

Which ball is the best is told by float32 readings, so that the score is within 0.1 % of the largest; the distances
of that ball are exact.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from benchmark.statistics.arrays import Floats
from tasks.metrics.guard import FeatureError, Table, check_k, check_named
from tasks.metrics.nearest import nearest_others
from tasks.metrics.pairs import tiles
from tasks.metrics.pairs.exact import ExactPairs
from tasks.metrics.pairs.one_pass import MEMORY, as_tensor, full_precision
from tasks.metrics.pairs.points import Frame, Points

DEFAULT_K = 3
"""Neighbor that sets a ball's radius, as published."""


def realism(*, real: Table, synthetic: Table, k: int = DEFAULT_K, memory: int = MEMORY) -> Floats:
    """Return the realism score of each synthetic row.

    Args:
        real: Features of real images, shape (N, D), N > k.
        synthetic: Features of synthetic images, shape (M, D).
        k: Neighbor that sets the radius, 1 or more.
        memory: Bytes that tiles may take.

    Returns:
        Scores, shape (M,); infinite for a copy of a real row.

    Raises:
        FeatureError: if the features are not finite, 2-D, of equal width and with enough rows, k is below 1, or half of
            the real rows have k copies, whose balls have no size.
    """
    check_k(k)
    checked = check_named(rows={"real": k + 1, "synthetic": 1}, real=real, synthetic=synthetic)
    radii = nearest_others(features=checked["real"], k=k, memory=memory).distances[:, -1]
    kept = np.flatnonzero((radii <= np.median(radii)) & (radii > 0.0))
    if not len(kept):
        raise FeatureError(
            f"Half of the real rows have {k} copies or more: their balls have no size. Deduplicate first."
        )
    centers, points = as_tensor(checked["real"][kept]), as_tensor(checked["synthetic"])
    best = _best(centers, points, radii[kept], memory)
    gaps = ExactPairs(centers, points).squared(best, torch.arange(len(points)))
    with np.errstate(divide="ignore"):
        return np.asarray(radii[kept][best.cpu().numpy()] / np.sqrt(gaps))


def _best(centers: Tensor, points: Tensor, radii: Floats, memory: int) -> Tensor:
    """Return which ball reads deepest about each point."""
    with torch.inference_mode(), full_precision():
        frame = Frame.about(centers, points)
        first, second = Points(centers, frame), Points(points, frame)
        squared = torch.from_numpy(np.square(radii * frame.scale)).to(first.norms.device).float()
        depth = torch.full((len(second),), -torch.inf, device=squared.device)
        best = torch.zeros(len(second), dtype=torch.int64, device=squared.device)
        for tile in tiles.between(first, second, tiles.side_for(memory, points.shape[1])):
            # The lower bound, so that a copy, whose reading is about zero, is deepest.
            reading = squared[tile.rows, None] / tile.low.clamp(min=first.least)
            values, rows = reading.max(dim=0)
            deeper = values > depth[tile.columns]
            depth[tile.columns] = torch.where(deeper, values, depth[tile.columns])
            best[tile.columns] = torch.where(deeper, rows + tile.rows.start, best[tile.columns])
    return best
