"""Glands: rings of columnar tumor cells around a lumen."""

from __future__ import annotations

import numpy as np

from benchmark.datasets.phantom import fields, layout, nuclei, tissue
from benchmark.datasets.phantom.morphologies import stroma

_EPITHELIUM = 14.0


def glands(rng: np.random.Generator, label: int) -> tissue.Tissue:
    """Draw tumor glands in fibrous stroma."""
    drawn = tissue.Tissue()
    angle = rng.uniform(0, np.pi)
    stroma.fibers(drawn, rng, angle)
    middles, lumens = _places(rng, label)
    warp = 2.8 * fields.smooth(rng, 4)
    nearest = _nearest(middles, lumens, warp)
    whole = fields.inside(-nearest, -_EPITHELIUM, 2)
    stroma.spindles(drawn, rng, angle, spacing=rng.uniform(14, 20), without=whole)
    drawn.lay(0.2, 0.26 + 0.05 * fields.grain(rng, 1.5), whole)
    drawn.lay(0.0, np.float32(rng.choice((0.02, 0.02, 0.25))), fields.inside(-nearest, 0, 2))
    _epithelium(drawn, rng, middles, lumens, warp)
    drawn.tumor |= whole > 0.5
    return drawn


def _places(rng: np.random.Generator, label: int) -> tuple[layout.Points, np.ndarray]:
    """Return the middles (n, 2) of the glands and the radii (n,) of their lumens, in pixels."""
    middles = layout.scatter(rng, 46, jitter=0.16)
    lumens = rng.uniform(4, 13, len(middles))
    if label:
        anchor = rng.uniform(fields.CENTER.start, fields.CENTER.stop, 2)
        first = int(np.argmin(((middles - anchor) ** 2).sum(axis=1)))
        away, turn = lumens[first] + rng.uniform(0, 9), rng.uniform(0, 2 * np.pi)
        middles = middles - middles[first] + anchor + away * np.array([np.cos(turn), np.sin(turn)])
        return middles, lumens
    far = layout.from_center(middles) > lumens + _EPITHELIUM + 7
    if far.any():
        return middles[far], lumens[far]
    border = rng.choice((-4.0, fields.SIZE + 4.0)), rng.uniform(0, fields.SIZE)
    return np.array([border]), lumens[:1]


def _nearest(middles: layout.Points, lumens: np.ndarray, warp: fields.Field) -> fields.Field:
    """Return the signed distance to the nearest lumen's border in pixels, negative inside the lumen."""
    nearest = np.full_like(warp, 1e4)
    for (x, y), radius in zip(middles.astype(np.float32), lumens.astype(np.float32), strict=True):
        distance = np.sqrt((fields.X - x) ** 2 + (fields.Y - y) ** 2)
        nearest = np.minimum(nearest, distance - radius)
    return nearest + warp


def _epithelium(
    drawn: tissue.Tissue,
    rng: np.random.Generator,
    middles: layout.Points,
    lumens: np.ndarray,
    warp: fields.Field,
) -> None:
    """Place columnar nuclei around each lumen, pointing at its middle."""
    count = np.floor(2 * np.pi * (lumens + 7.5) / 6.2).astype(np.int64)
    gland = np.repeat(np.arange(len(middles)), count)
    order = np.concatenate([np.arange(n) / n for n in count])
    angles = 2 * np.pi * order + rng.uniform(0, 2 * np.pi, len(middles))[gland] + rng.normal(0, 0.06, len(order))
    direction = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    radius = lumens[gland] + 7.5 + rng.normal(0, 1.3, len(order))
    points = middles[gland] + radius[:, None] * direction
    points = points - fields.at(warp, points)[:, None] * direction
    seen = layout.seen(points)
    drawn.place(rng, points[seen], nuclei.COLUMNAR, gain=(0.8, 1.15), angles=angles[seen])
