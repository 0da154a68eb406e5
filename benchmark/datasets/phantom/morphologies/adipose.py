"""Fat: large empty cells with thin walls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.datasets.phantom import fields, layout, nuclei, tissue
from benchmark.datasets.phantom.morphologies import lymphoid, tumor


def fat(rng: np.random.Generator, label: int) -> tissue.Tissue:
    """Draw fat cells, at times with lymphocytes between them; with label 1 tumor infiltrates them."""
    drawn = tissue.Tissue()
    wall = _walls(rng)
    drawn.lay(0.05, rng.uniform(0.14, 0.3) + 0.06 * fields.grain(rng, 1.5), wall)
    points = layout.scatter(rng, 9, jitter=0.3)
    points = points[fields.at(wall, points) > 0.8]
    share = rng.uniform(0.05, 0.5) if label else rng.choice((0.12, 0.12, 0.9))
    points = points[rng.random(len(points)) < share]
    round_ones = rng.random(len(points)) < 0.5
    drawn.place(rng, points[round_ones], nuclei.LYMPHOCYTE)
    flat_ones = points[~round_ones]
    drawn.place(rng, flat_ones, nuclei.SPINDLE, angles=_along(wall, flat_ones))
    if label or rng.random() < 0.2:
        lymphoid.fill(drawn, rng, _focus_at(rng, wall), label)
    return drawn


def _focus_at(rng: np.random.Generator, wall: fields.Field) -> fields.Field:
    """Return the one of a few foci that touches the walls most: cells do not float in fat."""
    return max((tumor.focus(rng) for _ in range(5)), key=lambda mask: float((mask * wall).sum()))


def _along(wall: fields.Field, points: layout.Points) -> NDArray[np.float64]:
    """Return the direction in which the wall goes on from each point, in radians, shape (n,)."""
    angles = np.arange(12) * np.pi / 12
    step = 5 * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    ahead, behind = fields.at(wall, points[:, None] + step), fields.at(wall, points[:, None] - step)
    best: NDArray[np.float64] = angles[np.argmax(ahead + behind, axis=1)]
    return best


def _walls(rng: np.random.Generator) -> fields.Field:
    """Return the mask of the walls between round cells of uneven size, thickened here and there."""
    seeds = layout.scatter(rng, rng.uniform(44, 70), jitter=0.2)
    grow = rng.uniform(0, 9, len(seeds))
    nearest = np.full((fields.SIZE, fields.SIZE), 1e4, np.float32)
    second = third = nearest
    for (x, y), radius in zip(seeds.astype(np.float32), grow.astype(np.float32), strict=True):
        distance = np.sqrt((fields.X - x) ** 2 + (fields.Y - y) ** 2) - radius
        third = np.minimum(third, np.maximum(second, distance))
        second = np.minimum(second, np.maximum(nearest, distance))
        nearest = np.minimum(nearest, distance)
    septum = np.maximum(fields.smooth(rng, 4) - rng.uniform(0.3, 1.4), 0)
    one, other = second - nearest, third - nearest
    open_space = one * other / (one + other + np.float32(1e-3))
    return fields.inside(7 * septum - open_space, -rng.uniform(1.6, 3.0), 1.6)
