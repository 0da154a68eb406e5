"""Infiltrating tumor: single cells and files of cells in fibrous stroma."""

from __future__ import annotations

import numpy as np

from benchmark.datasets.phantom import fields, layout, nuclei, tissue
from benchmark.datasets.phantom.morphologies import stroma, tumor


def files(rng: np.random.Generator, label: int) -> tissue.Tissue:
    """Draw tumor cells one behind the other between collagen fibers."""
    drawn = tissue.Tissue()
    angle = rng.uniform(0, np.pi)
    stroma.fibers(drawn, rng, angle)
    stroma.spindles(drawn, rng, angle, spacing=rng.uniform(20, 28))
    kind = nuclei.DARK_TUMOR if rng.random() < 0.5 else nuclei.SMALL_TUMOR
    tumor.bodies(drawn, rng, _places(rng, angle, label), label, kind=kind)
    return drawn


def _places(rng: np.random.Generator, angle: float, label: int) -> layout.Points:
    """Return the cells' positions (n, 2): one to four files, the first through the central third or well off it."""
    starts = rng.uniform(0, fields.SIZE, (int(rng.integers(1, 5)), 2))
    starts[0] = layout.beside(rng, 16)[0]
    if label:
        starts[0] = rng.uniform(fields.CENTER.start + 2, fields.CENTER.stop - 2, 2)
    return stroma.rows(rng, starts, angle, rng.uniform(9, 11.5))
