"""Sinus: a pale channel through lymphoid tissue."""

from __future__ import annotations

import numpy as np

from benchmark.datasets.phantom import fields, layout, nuclei, tissue
from benchmark.datasets.phantom.morphologies import lymphoid, stroma


def sinus(rng: np.random.Generator, _label: int) -> tissue.Tissue:
    """Draw a bright channel with pale histiocytes and a few lymphocytes between lymphoid shores."""
    drawn = tissue.Tissue()
    bent = stroma.across(rng.uniform(0, np.pi)) + 8 * fields.smooth(rng, 3)
    half = rng.uniform(13, 26)
    channel = fields.inside(-np.abs(bent - rng.uniform(-12, 12)), -half, 3)
    lymphoid.ground(drawn, rng)
    drawn.lay(0.0, 0.06 + 0.03 * fields.grain(rng, 2), channel)
    points = layout.scatter(rng, rng.uniform(12, 17), jitter=0.3)
    points = points[fields.at(channel, points) > 0.6]
    body = tissue.cytoplasm(rng, points, gain=(0.6, 1.0))
    drawn.lay(0.05, 0.3 + 0.06 * fields.grain(rng, 1), 0.8 * body)
    drawn.place(rng, points, nuclei.HISTIOCYTE)
    lymphoid.cells(drawn, rng, spacing=rng.uniform(7.6, 9.0), pale=0.06, without=channel)
    stray = layout.scatter(rng, 19, jitter=0.35)
    drawn.place(rng, stray[fields.at(channel, stray) > 0.5], nuclei.LYMPHOCYTE)
    return drawn
