"""One patch of a phantom dataset, drawn from its seed, split and index alone."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.datasets import splits
from benchmark.datasets.phantom import fields, morphologies, seeds, spec, stain, tissue

_ATTEMPTS = 100


class Patch(NamedTuple):
    """A patch and what is true of it."""

    image: NDArray[np.uint8]
    """uint8 RGB, shape (96, 96, 3)."""
    label: int
    """1 if tumor touches the central 32 x 32 pixels, else 0."""
    slide: int
    """Slide of the split, 0 <= slide < slides of the split."""
    tumor: NDArray[np.bool_]
    """Where the tumor is, bool (96, 96)."""


class _Plan(NamedTuple):
    """What is decided about a patch before it is drawn."""

    label: int
    slide: int
    mode: int
    rng: np.random.Generator


def draw(dataset: spec.PhantomSpec, split: splits.Split, index: int) -> Patch:
    """Draw patch `index` of `split`.

    Args:
        dataset: Seed and slides. The numbers of patches play no part.
        split: Which split.
        index: Position in the split, from 0; may lie beyond the split's end.

    Returns:
        The patch. Its tumor mask always bears out its label and its morphology.
    """
    plan = _plan(dataset, split, index)
    drawn = _drawing(plan)
    drawn.settle(plan.rng.uniform(0.04, 0.18))
    colors = _stain(dataset.seed, split, plan.slide)
    image = stain.to_rgb(drawn.hematoxylin, drawn.eosin, colors, plan.rng)
    return Patch(image, plan.label, plan.slide, drawn.tumor)


def true_modes(dataset: spec.PhantomSpec, split: splits.Split) -> NDArray[np.int64]:
    """Return the morphology each patch of `split` was drawn with, for tests only.

    Nothing in the product may read this: the modes are written nowhere, so that no encoder or clustering can
    lean on them.

    Args:
        dataset: The dataset.
        split: Which split.

    Returns:
        Index into `morphologies.MODES`, shape (N,).
    """
    return np.array([_plan(dataset, split, index).mode for index in range(dataset.count(split))])


def _drawing(plan: _Plan) -> tissue.Tissue:
    """Return the first drawing whose tumor is where the plan wants it; fewer than one in a hundred is not."""
    mode = morphologies.MODES[plan.mode]
    for _ in range(_ATTEMPTS):
        drawn = mode.draw(plan.rng, plan.label)
        if _true_to(drawn.tumor, mode, plan.label):
            return drawn
    raise RuntimeError(f"morphology '{mode.name}' was never drawn with label {plan.label}")


def _true_to(tumor: NDArray[np.bool_], mode: morphologies.Morphology, label: int) -> bool:
    """Return whether there is tumor in the center exactly under label 1, and anywhere exactly where due."""
    centered = bool(tumor[fields.CENTER, fields.CENTER].any())
    return centered == bool(label) and bool(tumor.any()) == (mode.malignant or bool(label))


def _plan(dataset: spec.PhantomSpec, split: splits.Split, index: int) -> _Plan:
    """Return label, slide and morphology of a patch. Patches 2k and 2k + 1 carry different labels."""
    pair = seeds.generator(dataset.seed, "pair", split, index // 2)
    label = int(pair.integers(2)) ^ (index & 1)
    rng = seeds.generator(dataset.seed, "patch", split, index)
    slide = int(rng.integers(dataset.slides(split)))
    mode = int(np.searchsorted(_cumulative(label), rng.random(), side="right"))
    return _Plan(label, slide, mode, rng)


@functools.cache
def _cumulative(label: int) -> NDArray[np.float64]:
    """Return the cumulative frequencies of the morphologies under `label`, without the last 1."""
    weights = np.array([mode.tumor if label else mode.normal for mode in morphologies.MODES], np.float64)
    return np.cumsum(weights / weights.sum())[:-1]


@functools.lru_cache(maxsize=1024)
def _stain(seed: int, split: splits.Split, slide: int) -> stain.Stain:
    """Return the stain of a slide."""
    return stain.slide_stain(seeds.generator(seed, "slide", split, slide))
