"""Tiles of pairs of rows: each pair is visited once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import torch
from torch import Tensor

from tasks.metrics.pairs.points import Points

STRIP = 4
"""Tiles that share their columns while these are at hand."""


class Tile:
    """Products of some rows of one set with some rows of another, or of the same."""

    def __init__(self, first: Points, rows: slice, left: Tensor, second: Points, columns: slice, right: Tensor) -> None:
        """Multiply `left`, the rows of the first set, with `right`, the columns of the second."""
        self.first, self.rows, self.second, self.columns = first, rows, second, columns
        self.products = left @ right.T
        """x_i . y_j in the frame, float32, shape (rows, columns)."""

    @property
    def diagonal(self) -> bool:
        """Whether the rows meet themselves."""
        return self.first is self.second and self.rows == self.columns

    @property
    def mirrored(self) -> bool:
        """Whether the tile stands for its mirror image too."""
        return self.first is self.second and self.rows != self.columns

    @cached_property
    def low(self) -> Tensor:
        """Lower bounds of the squared distances, float32, shape (rows, columns); infinite where a row meets itself."""
        keep = 1.0 - self.first.slack
        left = (self.first.norms[self.rows] * keep - self.first.least).float()
        right = (self.second.norms[self.columns] * keep).float()
        low = torch.add(left[:, None], right)
        low.add_(self.products, alpha=-2.0)
        if self.diagonal:
            low.fill_diagonal_(torch.inf)
        return low

    def gap(self, row: Tensor, column: Tensor) -> Tensor:
        """Return how far the upper bound of listed squared distances lies above the lower one, float32."""
        norms = self.first.norms[self.rows][row] + self.second.norms[self.columns][column]
        return (2.0 * self.first.slack * norms + 2.0 * self.first.least).float()


def within(points: Points, side: int) -> Iterator[Tile]:
    """Yield the tiles of all pairs of rows of one set, each pair once.

    Args:
        points: The rows.
        side: Rows a tile.
    """
    for strip in _strips(points, side):
        for columns in _blocks(strip[0][0].start, len(points), side):
            right = next((left for rows, left in strip if rows == columns), None)
            right = points.rows(columns) if right is None else right
            for rows, left in strip:
                if rows.start <= columns.start:
                    yield Tile(points, rows, left, points, columns, right)


def between(first: Points, second: Points, side: int) -> Iterator[Tile]:
    """Yield the tiles of all pairs of a row of one set and a row of another.

    Args:
        first: The one.
        second: The other, in the same frame.
        side: Rows a tile.
    """
    for strip in _strips(first, side):
        for columns in _blocks(0, len(second), side):
            right = second.rows(columns)
            for rows, left in strip:
                yield Tile(first, rows, left, second, columns, right)


def _strips(points: Points, side: int) -> Iterator[list[tuple[slice, Tensor]]]:
    """Yield blocks of rows, a few at a time, so that what they meet is centered once for all of them."""
    blocks = list(_blocks(0, len(points), side))
    for at in range(0, len(blocks), STRIP):
        yield [(rows, points.rows(rows)) for rows in blocks[at : at + STRIP]]


def _blocks(start: int, stop: int, side: int) -> Iterator[slice]:
    return (slice(at, min(at + side, stop)) for at in range(start, stop, side))


def side_for(memory: int, width: int) -> int:
    """Return how many rows a tile may have.

    Args:
        memory: Bytes that tiles and what is made of them may take.
        width: Columns of the features.

    Returns:
        Rows, 1 to 4096: some 32 bytes a pair are in use at a time, and 4 a feature of every block of a strip, of what
        these meet and of the strip that comes next.
    """
    side, held = 1, 4 * (2 * STRIP + 1)
    while side < 4096 and 32 * (2 * side) ** 2 + held * 2 * side * width <= memory:
        side *= 2
    return side
