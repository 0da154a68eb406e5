"""Vessel: a ring of wall around a lumen with red cells."""

from __future__ import annotations

import numpy as np

from benchmark.datasets.phantom import fields, layout, nuclei, tissue
from benchmark.datasets.phantom.morphologies import lymphoid, stroma


def vessel(rng: np.random.Generator, _label: int) -> tissue.Tissue:
    """Draw a blood vessel in lymphoid or fibrous tissue."""
    drawn = tissue.Tissue()
    middle = rng.uniform(34, 62, 2)
    distance = _distance(rng, middle)
    lumen, wall = rng.uniform(13, 24), rng.uniform(6, 12)
    outer = fields.inside(-distance, -(lumen + wall), 2)
    inner = fields.inside(-distance, -lumen, 2)
    if rng.random() < 0.6:
        lymphoid.ground(drawn, rng)
        lymphoid.cells(drawn, rng, spacing=rng.uniform(8, 10), pale=0.1, without=outer)
    else:
        angle = rng.uniform(0, np.pi)
        stroma.fibers(drawn, rng, angle)
        stroma.spindles(drawn, rng, angle, spacing=18, without=outer)
    stroma.fibers(drawn, rng, 0, where=outer, path=distance)
    drawn.lay(0.0, 0.03, inner)
    _red_cells(drawn, rng, inner)
    _lining(drawn, rng, middle, lumen + wall * 0.4, distance)
    return drawn


def _distance(rng: np.random.Generator, middle: layout.Points) -> fields.Field:
    """Return the distance from the vessel's axis in pixels, stretched and warped."""
    x, y = middle.astype(np.float32)
    turn, stretch = rng.uniform(0, np.pi), rng.uniform(1, 1.5)
    cosine, sine = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    along = (cosine * (fields.X - x) + sine * (fields.Y - y)) / stretch
    side = cosine * (fields.Y - y) - sine * (fields.X - x)
    distance: fields.Field = np.sqrt(along**2 + side**2) + 2 * fields.smooth(rng, 5)
    return distance


def _red_cells(drawn: tissue.Tissue, rng: np.random.Generator, where: fields.Field) -> None:
    """Fill part of the lumen with red cells, which take eosin only."""
    points = layout.scatter(rng, 6.4, jitter=0.15)
    points = points[fields.at(where, points) > 0.8]
    pool = fields.at(fields.smooth(rng, 3), points) > rng.uniform(-1.5, 0.6)
    layer = tissue.stamp(rng, points[pool], nuclei.ERYTHROCYTE, gain=(0.8, 1.05))
    drawn.eosin = np.maximum(drawn.eosin, layer * where)


def _lining(
    drawn: tissue.Tissue,
    rng: np.random.Generator,
    middle: layout.Points,
    radius: float,
    distance: fields.Field,
) -> None:
    """Place spindle nuclei in the wall, along it."""
    around = np.arange(0, 2 * np.pi, 7 / radius) + rng.normal(0, 0.1)
    points = middle + radius * 1.15 * np.stack([np.cos(around), np.sin(around)], axis=-1)
    near = (np.abs(fields.at(distance, points) - radius) < 4) & (rng.random(len(points)) < 0.75)
    near &= layout.seen(points)
    drawn.place(rng, points[near], nuclei.SPINDLE, angles=(around + np.pi / 2)[near])
