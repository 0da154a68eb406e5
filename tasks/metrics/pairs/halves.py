"""Which rows of a half lie in which balls of the same half, for many halves at once; for intervals.

Each half has its own radii: to the k-th nearest other row within it, by the order of the float32 readings. Bounds
decide nearly every comparison; what they leave open is compared by differences in float64, so that ties are told. Only
where two neighbors lie within rounding of each other may the farther one give the radius. (The counts of all rows, in
`balls`, know no such exception.)
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from benchmark.statistics.arrays import Floats
from tasks.metrics.pairs.balls import Near
from tasks.metrics.pairs.exact import ExactPairs
from tasks.metrics.pairs.neighbors import Neighbors
from tasks.metrics.pairs.points import Points

_ROWS, _BYTES = 1024, 2**25
KEPT = 48
"""Neighbors to keep for halves: of as many, fewer than 5 are in a random half less often than once in 10^9."""


@dataclass(frozen=True, eq=False)
class HalfCounts:
    """What the halves found, one value a half."""

    points_held: Floats
    """Share of a half's points that lie in some ball of it."""
    balls_holding: Floats
    """Share of a half's balls that hold some point of it."""
    balls_a_point: Floats
    """Balls of a half that hold a point of it, mean over its points."""


@dataclass(frozen=True, eq=False)
class RadiiWithin:
    """Squared distance of each row to its k-th nearest other row in each half."""

    low: Tensor
    """Lower bounds in the frame, float32, shape (N, halves); -1 where the row is not in the half."""
    high: Tensor
    """Upper bounds likewise; -1 where the row is not in the half, so that it has no ball there."""
    neighbor: Tensor
    """Which row it is, int64, shape (N, halves)."""


class Halves:
    """Counts memberships within each half while the tiles go by."""

    def __init__(
        self, *, centers: Points, points: Points, radii: RadiiWithin, members: Tensor, closed: bool, in_half: Tensor
    ) -> None:
        """Take the halves.

        Args:
            centers: The rows that balls are about.
            points: The rows that may lie in them.
            radii: The radii of the balls within each half.
            members: Which center is in which half, bool, shape (N, halves).
            closed: Whether a point at just the radius lies within.
            in_half: Which point is in which half, bool, shape (M, halves).
        """
        self._radii, self._closed = radii, closed
        self._members, self._in_half = members, in_half
        self._exact = ExactPairs(centers.features, points.features)
        self._exact_radii = ExactPairs(centers.features, centers.features)
        self.limits = radii.high.amax(dim=1)
        """Largest squared radius of each center over the halves, shape (N,)."""
        self._of_points = torch.zeros(in_half.shape, dtype=torch.int32, device=in_half.device)
        self._of_centers = torch.zeros(members.shape, dtype=torch.int32, device=in_half.device)

    def take(self, near: Near) -> None:
        """Take the pairs of a tile that may meet."""
        size = max(1, _BYTES // (16 * self._in_half.shape[1]))
        for at in range(0, len(near.center), size):
            part = slice(at, at + size)
            center, point = near.center[part], near.point[part]
            inside = near.high[part, None] < self._radii.low[center]
            unsure = (near.low[part, None] <= self._radii.high[center]) & ~inside & self._in_half[point]
            pair, half = unsure.nonzero(as_tuple=True)
            if len(pair):
                inside[pair, half] = self._compare(center[pair], point[pair], half)
            counted = (inside & self._in_half[point]).int()
            self._of_points.index_add_(0, point, counted)
            self._of_centers.index_add_(0, center, counted)

    def counts(self) -> HalfCounts:
        """Return the counts, once every tile went by."""
        points, centers = self._in_half.sum(dim=0).double(), self._members.sum(dim=0).double()
        return HalfCounts(
            points_held=((self._of_points > 0).sum(dim=0) / points).cpu().numpy(),
            balls_holding=((self._of_centers > 0).sum(dim=0) / centers).cpu().numpy(),
            balls_a_point=(self._of_points.sum(dim=0) / points).cpu().numpy(),
        )

    def _compare(self, center: Tensor, point: Tensor, half: Tensor) -> Tensor:
        squared = self._exact.squared(center, point)
        radii = self._exact_radii.squared(center, self._radii.neighbor[center, half])
        return torch.from_numpy(squared <= radii if self._closed else squared < radii).to(center.device)


def radii_within(neighbors: Neighbors, members: Tensor, k: int) -> RadiiWithin:
    """Return each row's squared distance to its k-th nearest other row in each half.

    Args:
        neighbors: The nearest rows of each row.
        members: Which row is in which half, bool, shape (N, halves), more than k in each.
        k: Which neighbor.

    Returns:
        The radii.
    """
    low, index = neighbors.low, neighbors.index
    # Of the first k by lower bounds, the farthest may be any: the largest of their upper bounds holds it.
    high = neighbors.high().cummax(dim=1).values
    kept, shape = index.shape[1], members.shape
    found = RadiiWithin(torch.empty(shape), torch.empty(shape), torch.empty(shape, dtype=torch.int64))
    found = RadiiWithin(*(part.to(low.device) for part in (found.low, found.high, found.neighbor)))
    size = max(1, _BYTES // (4 * kept * shape[1]))
    for at in range(0, len(index), size):
        rows = slice(at, at + size)
        place = (members[index[rows]].cumsum(dim=1, dtype=torch.int16) < k).sum(dim=1)
        there, place = (place < kept) & members[rows], place.clamp(max=kept - 1)
        found.low[rows] = torch.where(there, low[rows].gather(1, place), -1.0)
        found.high[rows] = torch.where(there, high[rows].gather(1, place), -1.0)
        found.neighbor[rows] = index[rows].gather(1, place)
    missing = members & (found.high == -1.0)
    for row in missing.any(dim=1).nonzero().flatten().tolist():
        _search(neighbors.points, row, missing[row], members, k, found)
    return found


def _search(points: Points, row: int, halves: Tensor, members: Tensor, k: int, found: RadiiWithin) -> None:
    """Fill in the radii of one row in halves of which too few rows were kept, from all rows."""
    one = points.rows(slice(row, row + 1))
    squared = torch.cat(
        [(points.rows(slice(at, at + _ROWS)) - one).square().sum(dim=1) for at in range(0, len(points), _ROWS)]
    )
    squared[row] = torch.inf
    reading, neighbor = torch.where(members[:, halves], squared[:, None], torch.inf).kthvalue(k, dim=0)
    slack = (points.slack * (points.norms[row] + points.norms[neighbor]) + points.least).float()
    found.low[row, halves], found.high[row, halves] = reading - slack, reading + slack
    found.neighbor[row, halves] = neighbor
