"""Balls about the rows of one set, and the rows of another that they hold."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from benchmark.statistics.arrays import Ints
from tasks.metrics.pairs.exact import ExactPairs
from tasks.metrics.pairs.neighbors import Radii
from tasks.metrics.pairs.points import Points
from tasks.metrics.pairs.tiles import Tile


@dataclass(frozen=True, eq=False)
class Membership:
    """How points and balls meet."""

    balls_of_point: Ints
    """Balls that hold each point, shape (points,)."""
    points_in_ball: Ints
    """Points that each ball holds, shape (centers,)."""


class Balls:
    """Counts which points lie in which balls while the tiles of centers and points go by."""

    def __init__(self, *, centers: Points, points: Points, radii: Radii, closed: bool) -> None:
        """Take the balls.

        Args:
            centers: Their centers.
            points: The rows that may lie in them.
            radii: Their squared radii.
            closed: Whether a point at just the radius lies within (`<=`) or not (`<`).
        """
        self._radii, self._closed = radii, closed
        self._exact = ExactPairs(centers.features, points.features)
        self._held = torch.zeros(len(centers), dtype=torch.int64, device=centers.norms.device)
        self._balls = torch.zeros(len(points), dtype=torch.int64, device=centers.norms.device)

    def take(self, near: Near) -> None:
        """Take the pairs of a tile that may meet."""
        least, most = self._radii.low[near.center], self._radii.high[near.center]
        inside = near.high < least
        unsure = ((near.low <= most) & ~inside).nonzero().flatten()
        if len(unsure):
            center, point = near.center[unsure], near.point[unsure]
            squared, radii = torch.from_numpy(self._exact.squared(center, point)), self._radii.exact(center)
            inside[unsure] = (squared <= radii if self._closed else squared < radii).to(inside.device)
        self._held += torch.bincount(near.center[inside], minlength=len(self._held))
        self._balls += torch.bincount(near.point[inside], minlength=len(self._balls))

    def membership(self) -> Membership:
        """Return the counts, exact, once every tile went by."""
        return Membership(self._balls.cpu().numpy(), self._held.cpu().numpy())


@dataclass(frozen=True, eq=False)
class Near:
    """Pairs of a center and a point that may lie in its ball, with bounds of their squared distances in the frame."""

    center: Tensor
    """Row numbers of centers, int64, shape (pairs,)."""
    point: Tensor
    """Row numbers of points, int64, shape (pairs,)."""
    low: Tensor
    """Lower bounds, float32, shape (pairs,)."""
    high: Tensor
    """Upper bounds, likewise."""

    @classmethod
    def rows(cls, tile: Tile, limits: Tensor) -> Near:
        """Return the pairs of a tile within the limits of its rows, which are the centers.

        Args:
            tile: The tile.
            limits: Largest squared radius about each center in the frame, float32, shape (centers,).

        Returns:
            The pairs.
        """
        row, column = (tile.low <= limits[tile.rows][:, None]).nonzero(as_tuple=True)
        low = tile.low[row, column]
        return cls(row + tile.rows.start, column + tile.columns.start, low, low + tile.gap(row, column))

    @classmethod
    def columns(cls, tile: Tile, limits: Tensor) -> Near:
        """Return the pairs of a tile within the limits of its columns, which are the centers."""
        row, column = (tile.low <= limits[tile.columns]).nonzero(as_tuple=True)
        low = tile.low[row, column]
        return cls(column + tile.columns.start, row + tile.rows.start, low, low + tile.gap(row, column))
