"""Fibrous tissue: stroma, and the capsule at the edge of a node."""

from __future__ import annotations

import numpy as np

from benchmark.datasets.phantom import fields, layout, nuclei, tissue
from benchmark.datasets.phantom.morphologies import lymphoid


def fibrous(rng: np.random.Generator, label: int) -> tissue.Tissue:
    """Draw wavy collagen with a few spindle nuclei; with label 1 a small focus of tumor lies in it."""
    drawn = tissue.Tissue()
    angle = rng.uniform(0, np.pi)
    fibers(drawn, rng, angle)
    focus = lymphoid.clearing(rng, label, chance=0.3)
    spindles(drawn, rng, angle, spacing=rng.uniform(17, 30), without=focus)
    lymphoid.fill(drawn, rng, focus, label)
    if rng.random() < 0.5:
        infiltrate(drawn, rng, angle, without=focus)
    return drawn


def capsule(rng: np.random.Generator, _label: int) -> tissue.Tissue:
    """Draw the border of a node: bare glass, a band of collagen, lymphoid tissue."""
    drawn = tissue.Tissue()
    angle = rng.uniform(0, 2 * np.pi)
    depth = across(angle) + 4 * fields.smooth(rng, 3) + rng.uniform(-14, 22)
    band = rng.uniform(14, 30)
    tissue_here, node = fields.inside(depth, 0, 2.5), fields.inside(depth, band, 3)
    fibers(drawn, rng, angle, where=tissue_here * (1 - node), path=depth)
    lymphoid.ground(drawn, rng, node)
    drawn.lay(0.02, 0.06, fields.inside(-np.abs(depth - (band + 4)), -rng.uniform(0, 5), 3))
    tangent = (angle + np.pi / 2) % np.pi
    spindles(drawn, rng, tangent, spacing=14, without=np.maximum(node, 1 - tissue_here))
    lymphoid.cells(drawn, rng, spacing=8.2, pale=0.06, without=fields.inside(-depth, -band - 7, 2))
    return drawn


def infiltrate(drawn: tissue.Tissue, rng: np.random.Generator, angle: float, *, without: fields.Field | None) -> None:
    """Place lymphocytes and pale cells in short rows along the fibers, as in inflamed stroma."""
    points = rows(rng, rng.uniform(0, fields.SIZE, (int(rng.integers(2, 6)), 2)), angle, rng.uniform(8, 10))
    if without is not None:
        points = points[fields.at(without, points) < 0.3]
    pale = rng.random(len(points)) < rng.choice((0.1, 0.8))
    drawn.place(rng, points[~pale], nuclei.LYMPHOCYTE)
    drawn.place(rng, points[pale], nuclei.CENTROBLAST, gain=(0.9, 1.25))


def rows(rng: np.random.Generator, starts: layout.Points, angle: float, spacing: float) -> layout.Points:
    """Return positions (n, 2) in rows of 1 to 11 along `angle`, one row through each start."""
    direction = np.array([np.cos(angle), np.sin(angle)])
    steps = np.arange(-5, 6)
    points = starts[:, None, :] + steps[None, :, None] * spacing * direction
    kept = np.abs(steps) <= rng.integers(0, 6, (len(starts), 1))
    points = (points + rng.normal(0, 1.6, points.shape))[kept]
    return layout.visible(points)


def across(angle: float) -> fields.Field:
    """Return the coordinate along direction `angle` in pixels, 0 in the middle of the patch."""
    middle = np.float32((fields.SIZE - 1) / 2)
    return np.float32(np.cos(angle)) * (fields.X - middle) + np.float32(np.sin(angle)) * (fields.Y - middle)


def fibers(
    drawn: tissue.Tissue,
    rng: np.random.Generator,
    angle: float,
    *,
    where: fields.Field | None = None,
    path: fields.Field | None = None,
) -> None:
    """Lay collagen whose fibers run along `angle`, or along the level sets of `path`."""
    if path is None:
        path = across(angle + np.pi / 2) + rng.uniform(3, 9) * fields.smooth(rng, 3)
    coarse, fine = fields.stripes(rng, path, rng.uniform(4, 9)), fields.stripes(rng, path, 2.2)
    pink = rng.uniform(0.12, 0.34) + 0.07 * coarse + 0.04 * fine
    cleft = fields.inside(-coarse, rng.uniform(0.6, 2.0), 0.6)
    pink = (pink + 0.04 * fields.grain(rng, 1.0)) * (1 - 0.85 * cleft)
    drawn.lay(0.03, np.maximum(pink, 0.02), where)


def spindles(
    drawn: tissue.Tissue,
    rng: np.random.Generator,
    angle: float,
    *,
    spacing: float,
    without: fields.Field | None = None,
) -> None:
    """Place spindle nuclei that lie along `angle`."""
    points = layout.scatter(rng, spacing, jitter=0.35)
    if without is not None:
        points = points[fields.at(without, points) < 0.3]
    drawn.place(rng, points, nuclei.SPINDLE, angles=angle + rng.normal(0, 0.2, len(points)))
