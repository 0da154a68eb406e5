"""Staining: from concentrations of hematoxylin and eosin to colors, one stain per slide.

The model is Beer and Lambert's as Macenko et al. (2009) use it: optical density OD = c_h * v_h + c_e * v_e and
intensity = 255 * 10**-OD.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.datasets.phantom import fields

_HEMATOXYLIN = np.array([[0.50, 0.70, 0.50], [0.62, 0.73, 0.27]])
_EOSIN = np.array([[0.10, 0.80, 0.57], [0.22, 0.92, 0.31]])
"""Stain vectors in (R, G, B) of two laboratories: a brownish rose one and a violet one."""

_STEPS = 2048
_INTENSITY = np.round(255 * 10 ** (-np.arange(4 * _STEPS) / _STEPS)).astype(np.int16)
_NOISE = np.round(np.linspace(-2.4, 2.4, 256)).astype(np.int16)


@dataclass(frozen=True)
class Stain:
    """Colors of one slide."""

    hematoxylin: NDArray[np.float32]
    """Optical density in (R, G, B) of one unit of hematoxylin, shape (3,)."""
    eosin: NDArray[np.float32]
    """Optical density in (R, G, B) of one unit of eosin, shape (3,)."""
    glass: NDArray[np.float32]
    """Optical density in (R, G, B) of bare glass, shape (3,)."""


def slide_stain(rng: np.random.Generator) -> Stain:
    """Return the stain of a slide: between two laboratories in hue, with its own strengths and lamp."""
    mix = rng.beta(0.6, 0.6)
    strength = np.exp(rng.normal(0, (0.12, 0.17)))
    hematoxylin = _vector(rng, _HEMATOXYLIN, mix) * strength[0]
    eosin = _vector(rng, _EOSIN, mix) * strength[1]
    glass = rng.uniform(0.008, 0.045) + rng.uniform(0, 0.008, 3)
    return Stain(hematoxylin.astype(np.float32), eosin.astype(np.float32), glass.astype(np.float32))


def to_rgb(hematoxylin: fields.Field, eosin: fields.Field, stain: Stain, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the patch as the camera sees it.

    Args:
        hematoxylin: Concentration of hematoxylin, >= 0; about 1 in a dark nucleus.
        eosin: Concentration of eosin, >= 0; about 1 in a red blood cell.
        stain: Colors of the slide.
        rng: Generator of the patch, for the camera's noise (at most 2 gray levels).

    Returns:
        uint8 RGB, shape (96, 96, 3).
    """
    noise = _NOISE[rng.integers(0, 256, (3, *eosin.shape), dtype=np.uint8)]
    image = np.empty((*eosin.shape, 3), np.uint8)
    scaled = zip(*(_STEPS * vector for vector in (stain.hematoxylin, stain.eosin, stain.glass)), strict=True)
    for channel, (blue, pink, bare) in enumerate(scaled):
        steps = (hematoxylin * blue + eosin * pink + bare).astype(np.int64)
        gray = _INTENSITY.take(steps, mode="clip") + noise[channel]
        image[..., channel] = np.clip(gray, 0, 255)
    return image


def _vector(rng: np.random.Generator, ends: NDArray[np.float64], mix: float) -> NDArray[np.float64]:
    """Return a unit vector between two stain vectors, tilted a little at random."""
    vector = ends[0] * (1 - mix) + ends[1] * mix + rng.normal(0, 0.02, 3)
    vector = np.maximum(vector, 0.02)
    unit: NDArray[np.float64] = vector / np.linalg.norm(vector)
    return unit
