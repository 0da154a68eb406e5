"""The nearest other rows of each row of a set, and exact radii from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmark.statistics.arrays import Floats, Ints
from tasks.metrics.pairs.exact import ExactPairs
from tasks.metrics.pairs.points import Points
from tasks.metrics.pairs.tiles import Tile

_SPARE = 8
"""Neighbors kept beyond the last one wanted: room for readings whose order float32 cannot tell."""
_ROWS, _BYTES = 1024, 2**25


class Neighbors:
    """Keeps the rows that read nearest to each row of a set while tiles go by: of the same set, or of another."""

    def __init__(self, points: Points, *, keep: int, others: Points | None = None) -> None:
        """Keep `keep` neighbors of each row or more.

        Args:
            points: The rows.
            keep: How many neighbors.
            others: Where they are looked for; None for the same set, where the row itself does not count (a copy does).
        """
        self.points, self.others = points, others or points
        self.among = len(self.others) - (others is None)
        """Rows that may be neighbors of one row."""
        count, device = min(keep + _SPARE, self.among), points.norms.device
        self.low = torch.full((len(points), count), torch.inf, device=device)
        """Lower bounds of their squared distances in the frame, rising, float32, shape (N, count)."""
        self.index = torch.full((len(points), count), -1, dtype=torch.int64, device=device)
        """Their row numbers, shape (N, count)."""

    def take(self, tile: Tile) -> None:
        """Take the pairs of a tile of the set with itself, or of the set with the others."""
        if tile.first is self.points:
            self._merge(tile.rows, tile.columns, tile.low)
        if tile.mirrored or tile.first is not self.points:
            self._merge(tile.columns, tile.rows, tile.low.T)

    def radii(self, k: int) -> Radii:
        """Return each row's squared distance to its k-th nearest row, once every tile went by."""
        return Radii(self, k)

    def high(self) -> Tensor:
        """Return upper bounds beside `low`."""
        norms = self.points.norms[:, None] + self.others.norms[self.index]
        return self.low + (2.0 * self.points.slack * norms + 2.0 * self.points.least).float()

    def nearest(self, k: int) -> Nearest:
        """Return the k nearest rows of each row, exact and in order, once every tile went by."""
        most = self.high().kthvalue(k, dim=1).values
        row, place = (self.low <= most[:, None]).nonzero(as_tuple=True)
        found = _first_of_each(self, torch.arange(len(self.points), device=row.device), row, self.index[row, place], k)
        for rows in self.unsure(self.low[:, -1], most):
            searched, at = _by_brute_force(self, rows, k), rows.cpu().numpy()
            found.squared[at], found.index[at] = searched.squared, searched.index
        return found

    def unsure(self, last: Tensor, most: Tensor) -> Iterator[Tensor]:
        """Yield, a few at a time, the rows whose last kept neighbor may be among the nearest: so may others then.

        Args:
            last: Lower bound of the last one kept of some rows.
            most: Upper bound of their k-th distance.
        """
        if self.low.shape[1] < self.among:
            rows = (last <= most).nonzero().flatten()
            size = max(1, _BYTES // (8 * len(self.others)))
            yield from (rows[at : at + size] for at in range(0, len(rows), size))

    def _merge(self, rows: slice, others: slice, low: Tensor) -> None:
        """Take readings of shape (rows, others)."""
        kept, index = self.low[rows], self.index[rows]
        row, other = (low < kept[:, -1:]).nonzero(as_tuple=True)
        if len(row) > 16 * len(low):
            values, place = low.topk(min(kept.shape[1], low.shape[1]), dim=1, largest=False)
            found = place + others.start
        else:
            values, found = _as_table(row, low[row, other], other + others.start, len(low))
        self.low[rows], chosen = torch.cat([kept, values], dim=1).topk(kept.shape[1], dim=1, largest=False)
        self.index[rows] = torch.cat([index, found], dim=1).gather(1, chosen)


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest rows of each row, nearest first; of equally near ones the first."""

    squared: Floats
    """Squared distances, exact, shape (N, k)."""
    index: Ints
    """Their row numbers, shape (N, k)."""


class Radii:
    """Squared distance of each row to its k-th nearest row: bounds for all, exact where asked for.

    Few are ever asked for: bounds decide nearly every comparison.
    """

    def __init__(self, neighbors: Neighbors, k: int) -> None:
        """Take the rows that read nearest to each row."""
        self._neighbors, self._k = neighbors, k
        self._kept_high = neighbors.high()
        self._exact = torch.full((len(neighbors.points),), torch.nan, dtype=torch.float64)
        self.low = neighbors.low[:, k - 1].contiguous()
        """Lower bounds in the frame, float32, shape (N,)."""
        self.high = self._kept_high.kthvalue(k, dim=1).values
        """Upper bounds likewise."""

    def exact(self, rows: Tensor) -> Tensor:
        """Return the exact squared radii of some rows, unscaled, float64, on the processor; repeats are free."""
        rows = rows.cpu()
        unknown = rows[self._exact[rows].isnan()].unique()
        if len(unknown):
            self._exact[unknown] = torch.from_numpy(self._compute(unknown.to(self.low.device)))
        return self._exact[rows]

    def _compute(self, rows: Tensor) -> Floats:
        neighbors = self._neighbors
        low, high = neighbors.low[rows], self._kept_high[rows]
        least, most = self.low[rows, None], self.high[rows, None]
        surely_nearer = (high < least).sum(dim=1)
        row, place = ((high >= least) & (low <= most)).nonzero(as_tuple=True)
        values = _exact(neighbors).squared(rows[row], neighbors.index[rows[row], place])
        radii = _kth_of_each(row.cpu().numpy(), values, (self._k - 1 - surely_nearer).cpu().numpy())
        for chosen in neighbors.unsure(low[:, -1], most[:, 0]):
            radii[chosen.cpu().numpy()] = _by_brute_force(neighbors, rows[chosen], self._k).squared[:, -1]
        return radii


def _exact(neighbors: Neighbors) -> ExactPairs:
    return ExactPairs(neighbors.points.features, neighbors.others.features)


def _by_brute_force(neighbors: Neighbors, rows: Tensor, k: int) -> Nearest:
    """Return the nearest rows of some rows: a screen in float64 against all rows, then differences."""
    points, others = neighbors.points, neighbors.others
    center, scale = points.frame.center.double(), points.frame.scale
    left = (points.features[rows].double() - center) * scale
    readings = torch.empty(len(rows), len(others), dtype=torch.float64, device=left.device)
    for at in range(0, len(others), _ROWS):
        right = (others.features[at : at + _ROWS].double() - center) * scale
        readings[:, at : at + _ROWS] = right.square().sum(dim=1) - 2.0 * left @ right.T
    readings += left.square().sum(dim=1)[:, None]
    if others is points:
        readings[torch.arange(len(rows), device=left.device), rows] = torch.inf
    width = points.features.shape[1]
    error = 16.0 * (width + 8) * 2.0**-53 * (points.norms[rows] + others.norms.max()) + points.least
    most = readings.kthvalue(k, dim=1).values + 2.0 * error
    row, column = (readings <= most[:, None]).nonzero(as_tuple=True)
    return _first_of_each(neighbors, rows, row, column, k)


def _first_of_each(neighbors: Neighbors, rows: Tensor, row: Tensor, column: Tensor, k: int) -> Nearest:
    """Return the k nearest of each row, of candidates listed by row."""
    values = _exact(neighbors).squared(rows[row], column)
    line, names = row.cpu().numpy(), column.cpu().numpy()
    order = np.lexsort((names, values, line))
    starts = np.searchsorted(line, np.arange(len(rows)))
    chosen = order[starts[:, None] + np.arange(k)]
    return Nearest(values[chosen], names[chosen])


def _as_table(row: Tensor, values: Tensor, found: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return a list of values and what they belong to, sorted by row, as tables with a line a row."""
    sizes = torch.bincount(row, minlength=count)
    width = int(sizes.max())
    place = torch.arange(len(row), device=row.device) - (sizes.cumsum(0) - sizes)[row]
    table = torch.full((count, width), torch.inf, device=row.device)
    names = torch.full((count, width), -1, dtype=torch.int64, device=row.device)
    table[row, place], names[row, place] = values, found
    return table, names


def _kth_of_each(row: Ints, values: Floats, rank: Ints) -> Floats:
    """Return of each row the value of the given rank, from a list of values sorted by row."""
    order = np.lexsort((values, row))
    starts = np.searchsorted(row, np.arange(len(rank)))
    return np.asarray(values[order][starts + rank])
