"""Solid tumor and tumor with necrosis."""

from __future__ import annotations

import numpy as np

from benchmark.datasets.phantom import fields, layout, nuclei, tissue
from benchmark.datasets.phantom.morphologies import lymphoid, stroma, tumor


def nests(rng: np.random.Generator, label: int) -> tissue.Tissue:
    """Draw nests of large vesicular tumor cells in lymphoid or fibrous tissue."""
    drawn = tissue.Tissue()
    where = tumor.region(rng, label, cells=int(rng.integers(2, 5)), least=0.04)
    surround(drawn, rng, where)
    if rng.random() < 0.3:
        retraction = np.clip(4 * where * (1 - where), 0, 1)
        drawn.lay(0.0, 0.03, retraction)
    tumor.paint(drawn, rng, where, label)
    return drawn


def necrosis(rng: np.random.Generator, label: int) -> tissue.Tissue:
    """Draw tumor whose inside has died: pink granules and specks of nuclear debris, a rim of live cells."""
    drawn = tissue.Tissue()
    where = tumor.region(rng, label, cells=2, least=0.2)
    surround(drawn, rng, where)
    dead = fields.inside(fields.smooth(rng, 3), rng.uniform(-1.2, 0.0), 0.3) * where
    tumor.paint(drawn, rng, where * (1 - dead), label)
    granules = rng.uniform(0.24, 0.4) + 0.06 * fields.grain(rng, 1.0)
    granules = granules + 0.05 * fields.grain(rng, 3)
    drawn.lay(0.07, granules, dead)
    ghosts = layout.scatter(rng, 15)
    drawn.place(rng, ghosts[fields.at(dead, ghosts) > 0.7], nuclei.TUMOR, gain=(0.15, 0.45))
    specks = layout.scatter(rng, rng.uniform(8, 15), jitter=0.45)
    drawn.place(rng, specks[fields.at(dead, specks) > 0.7], nuclei.PYKNOTIC, gain=(0.3, 1.0))
    drawn.tumor |= dead > 0.5
    return drawn


def surround(drawn: tissue.Tissue, rng: np.random.Generator, without: fields.Field) -> None:
    """Paint lymphoid or fibrous tissue everywhere, with no cell where the mask is 1."""
    if rng.random() < 0.55:
        lymphoid.ground(drawn, rng)
        lymphoid.cells(drawn, rng, spacing=rng.uniform(7.8, 10.5), pale=rng.uniform(0, 0.2), without=without)
        return
    angle = rng.uniform(0, np.pi)
    stroma.fibers(drawn, rng, angle)
    stroma.spindles(drawn, rng, angle, spacing=rng.uniform(14, 22), without=without)
