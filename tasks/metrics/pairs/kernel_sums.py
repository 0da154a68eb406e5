"""Sums of the cubic kernel over the pairs of rows of groups."""

from __future__ import annotations

import torch
from torch import Tensor

from tasks.metrics.pairs.points import Points
from tasks.metrics.pairs.tiles import Tile

_LARGE = 1e10
"""Greatest x.y / D whose cube float32 is asked to hold."""


class CubicKernel:
    """Adds up k(x, y) = (x.y / D + 1)^3 by groups while the tiles go by; a row does not meet itself.

    Each k is rounded in float32 a few times, and so are the sums over a tile. Of unlike rows that averages out, to some
    1e-8 of the sum of |k| at thousands of them; of copies it does not: 2e-6 at worst. Products about the center lose
    less than plain ones.
    """

    def __init__(self, first: Points, second: Points, *, left: Tensor, right: Tensor) -> None:
        """Take who is in which group; groups may overlap.

        Args:
            first: Rows that are a tile's rows.
            second: Rows that are its columns, or the same again.
            left: Groups of the first, 0 or 1, float32, shape (N, G).
            right: Groups of the second, shape (M, H).
        """
        self._width = first.features.shape[1]
        self._left, self._right = left, right
        center = first.frame.center.double()
        self._rows = (first.shifts + center @ center) / self._width + 1.0
        self._columns = second.shifts / self._width
        self._scale = 1.0 / (first.frame.scale**2 * self._width)
        reach = self._scale + float(self._rows.abs().max() + self._columns.abs().max())
        self._dtype = torch.float32 if reach < _LARGE else torch.float64
        self.sums = torch.zeros(left.shape[1], right.shape[1], dtype=torch.float64, device=left.device)
        """Sum over ordered pairs of different rows of groups g and h, shape (G, H)."""

    def take(self, tile: Tile) -> None:
        """Take the pairs of a tile."""
        cubes = self._kernel(tile) @ self._right[tile.columns].to(self._dtype)
        part = self._left[tile.rows].T.double() @ cubes.double()
        self.sums += part + part.T if tile.mirrored else part

    def _kernel(self, tile: Tile) -> Tensor:
        base = torch.add(self._rows[tile.rows].to(self._dtype)[:, None], self._columns[tile.columns].to(self._dtype))
        base.add_(tile.products, alpha=self._scale)
        cubed = base.square().mul_(base)
        if tile.diagonal:
            cubed.fill_diagonal_(0.0)
        return cubed
