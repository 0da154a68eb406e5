"""Where things lie: scattered cells, tumor regions that do or do not reach the central third."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.datasets.phantom import fields

Points = NDArray[np.float64]
"""Positions in pixels, shape (n, 2), in (x, y)."""

_REACH = 9


def scatter(rng: np.random.Generator, spacing: float, *, jitter: float = 0.2) -> Points:
    """Return points on a turned hexagonal lattice, shaken by `jitter` times the spacing.

    Args:
        rng: Generator of the patch.
        spacing: Distance of neighbors in pixels.
        jitter: Standard deviation of the displacement, relative to the spacing.

    Returns:
        Points within the patch and the rim of `_REACH` pixels around it.
    """
    steps = np.arange(-int(90 / spacing) - 1, int(90 / spacing) + 2)
    column, row = np.meshgrid(steps, steps)
    lattice = np.stack([column + 0.5 * (row & 1), row * np.sqrt(0.75)], axis=-1).reshape(-1, 2)
    turn = rng.uniform(0, np.pi)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    shaken = (lattice + rng.normal(0, jitter, lattice.shape) + rng.random(2)) @ rotation
    return visible(shaken * spacing + fields.SIZE / 2)


def visible(points: Points) -> Points:
    """Return the points within the patch and the rim of `_REACH` pixels around it."""
    kept: Points = points[seen(points)]
    return kept


def seen(points: Points) -> NDArray[np.bool_]:
    """Return whether each point lies within the patch or the rim of `_REACH` pixels around it."""
    inner, outer = points.min(axis=1) > -_REACH, points.max(axis=1) < fields.SIZE + _REACH
    within: NDArray[np.bool_] = inner & outer
    return within


def from_center(points: Points) -> NDArray[np.float64]:
    """Return how far each point lies outside the central third, in pixels (Chebyshev); 0 within."""
    beyond = np.abs(points - (fields.SIZE - 1) / 2) - fields.SIZE / 6
    outside: NDArray[np.float64] = np.maximum(beyond.max(axis=1), 0)
    return outside


def touching(field: fields.Field, share: float) -> float:
    """Return the level that `share` of the central third exceeds, 0 < share <= 1."""
    center = np.sort(field[fields.CENTER, fields.CENTER], axis=None)
    return float(center[int((1 - share) * (center.size - 1))])


def avoiding(field: fields.Field, margin: int) -> float:
    """Return the level that nothing exceeds within `margin` pixels of the central third."""
    around = slice(fields.CENTER.start - margin, fields.CENTER.stop + margin)
    return float(field[around, around].max())


def tilted(rng: np.random.Generator, cells: int, tilt: float) -> fields.Field:
    """Return a smooth field that rises by `tilt` from the middle to one border, in a random direction."""
    angle = rng.uniform(0, 2 * np.pi)
    slope = tilt / (fields.SIZE / 2)
    middle = np.float32((fields.SIZE - 1) / 2)
    rise_x = (fields.X - middle) * np.float32(slope * np.cos(angle))
    rise_y = (fields.Y - middle) * np.float32(slope * np.sin(angle))
    field: fields.Field = fields.smooth(rng, cells) + rise_x + rise_y
    return field


def beside(rng: np.random.Generator, distance: float) -> Points:
    """Return a point (1, 2) in the patch that lies at least `distance` pixels off the central third."""
    depth, along = rng.uniform(0, fields.CENTER.start - distance), rng.uniform(0, fields.SIZE)
    x, y = (depth, along) if rng.random() < 0.5 else (along, depth)
    point = np.array([[x, y]])
    return fields.SIZE - point if rng.random() < 0.5 else point
