"""The twelve tissue morphologies of phantom and how often each occurs under each label."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from benchmark.datasets.phantom import tissue
from benchmark.datasets.phantom.morphologies import (
    adipose,
    glands,
    infiltrating,
    lymphoid,
    sinus,
    solid,
    stroma,
    vessel,
)

__all__ = ["MODES", "Morphology"]


class Morphology(NamedTuple):
    """A kind of tissue."""

    name: str
    """Its name."""
    normal: float
    """How often it occurs among patches with label 0, relative to the others."""
    tumor: float
    """How often it occurs among patches with label 1, relative to the others."""
    malignant: bool
    """Whether each of its patches shows tumor; under label 0 outside the central third."""
    draw: Callable[[np.random.Generator, int], tissue.Tissue]
    """Paints one patch from the patch's generator and its label."""


MODES: tuple[Morphology, ...] = (
    Morphology("lymphocyte sheet", 25, 20, False, lymphoid.sheet),
    Morphology("mixed lymphoid", 15, 9, False, lymphoid.mixed),
    Morphology("germinal center", 12, 0, False, lymphoid.germinal_center),
    Morphology("sinus", 8, 0, False, sinus.sinus),
    Morphology("adipose", 9, 4, False, adipose.fat),
    Morphology("fibrous stroma", 10, 6, False, stroma.fibrous),
    Morphology("vessel", 4, 0, False, vessel.vessel),
    Morphology("capsule", 6, 0, False, stroma.capsule),
    Morphology("solid nests", 12, 23, True, solid.nests),
    Morphology("glands", 3, 10, True, glands.glands),
    Morphology("infiltrating cells", 5, 17, True, infiltrating.files),
    Morphology("necrosis", 2, 9, True, solid.necrosis),
)
"""All morphologies; the true mode of a patch is an index into this tuple."""
