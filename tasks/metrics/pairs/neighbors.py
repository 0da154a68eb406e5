"""The nearest other rows of each row of a set, and exact radii from them."""

from __future__ import annotations

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
    """Keeps the rows that read nearest to each row of a set while its tiles go by."""

    def __init__(self, points: Points, *, keep: int) -> None:
        """Keep `keep` neighbors of each row or more, the row itself not counted (a copy of it is)."""
        self.points = points
        count, device = min(keep + _SPARE, len(points) - 1), points.norms.device
        self.low = torch.full((len(points), count), torch.inf, device=device)
        """Lower bounds of their squared distances in the frame, rising, float32, shape (N, count)."""
        self.index = torch.full((len(points), count), -1, dtype=torch.int64, device=device)
        """Their row numbers, shape (N, count)."""

    def take(self, tile: Tile) -> None:
        """Take the pairs of a tile of the set with itself."""
        self._merge(tile.rows, tile.columns, tile.low)
        if tile.mirrored:
            self._merge(tile.columns, tile.rows, tile.low.T)

    def radii(self, k: int) -> Radii:
        """Return each row's squared distance to its k-th nearest other row, once every tile went by."""
        return Radii(self.points, self.low, self.high(), self.index, k)

    def high(self) -> Tensor:
        """Return upper bounds beside `low`."""
        norms = self.points.norms[:, None] + self.points.norms[self.index]
        return self.low + (2.0 * self.points.slack * norms + 2.0 * self.points.least).float()

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


class Radii:
    """Squared distance of each row to its k-th nearest other row: bounds for all, exact where asked for.

    Few are ever asked for: bounds decide nearly every comparison.
    """

    def __init__(self, points: Points, low: Tensor, high: Tensor, index: Tensor, k: int) -> None:
        """Take the rows that read nearest to each row, with both bounds of their squared distances."""
        self._points, self._k = points, k
        self._kept_low, self._kept_high, self._index = low, high, index
        self._exact = torch.full((len(points),), torch.nan, dtype=torch.float64)
        self.low = low[:, k - 1].contiguous()
        """Lower bounds in the frame, float32, shape (N,)."""
        self.high = high.kthvalue(k, dim=1).values
        """Upper bounds likewise."""

    def exact(self, rows: Tensor) -> Tensor:
        """Return the exact squared radii of some rows, unscaled, float64, on the processor; repeats are free."""
        rows = rows.cpu()
        unknown = rows[self._exact[rows].isnan()].unique()
        if len(unknown):
            self._exact[unknown] = torch.from_numpy(self._compute(unknown.to(self.low.device)))
        return self._exact[rows]

    def _compute(self, rows: Tensor) -> Floats:
        low, high = self._kept_low[rows], self._kept_high[rows]
        least, most = self.low[rows, None], self.high[rows, None]
        surely_nearer = (high < least).sum(dim=1)
        row, place = ((high >= least) & (low <= most)).nonzero(as_tuple=True)
        values = ExactPairs(self._points.features, self._points.features).squared(
            rows[row], self._index[rows[row], place]
        )
        radii = _kth_of_each(row.cpu().numpy(), values, (self._k - 1 - surely_nearer).cpu().numpy())
        if low.shape[1] < len(self._points) - 1:
            # Where the last one kept may be among the k nearest, so may others that were not kept.
            unsure = (low[:, -1] <= most[:, 0]).nonzero().flatten()
            size = max(1, _BYTES // (8 * len(self._points)))
            for at in range(0, len(unsure), size):
                chosen = unsure[at : at + size]
                radii[chosen.cpu().numpy()] = _by_brute_force(self._points, rows[chosen], self._k)
        return radii


def _by_brute_force(points: Points, rows: Tensor, k: int) -> Floats:
    """Return the squared radii of some rows: a screen in float64 against all rows, then differences."""
    features, center, scale = points.features, points.frame.center.double(), points.frame.scale
    left = (features[rows].double() - center) * scale
    readings = torch.empty(len(rows), len(features), dtype=torch.float64, device=left.device)
    for at in range(0, len(features), _ROWS):
        right = (features[at : at + _ROWS].double() - center) * scale
        readings[:, at : at + _ROWS] = right.square().sum(dim=1) - 2.0 * left @ right.T
    readings += left.square().sum(dim=1)[:, None]
    readings[torch.arange(len(rows), device=left.device), rows] = torch.inf
    error = 16.0 * (features.shape[1] + 8) * 2.0**-53 * (points.norms[rows] + points.norms.max()) + points.least
    most = readings.kthvalue(k, dim=1).values + 2.0 * error
    row, column = (readings <= most[:, None]).nonzero(as_tuple=True)
    values = ExactPairs(features, features).squared(rows[row], column)
    return _kth_of_each(row.cpu().numpy(), values, np.full(len(rows), k - 1))


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
