"""Banks of nuclei: small stamps of hematoxylin, drawn once and used by every patch."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from benchmark.datasets.phantom import seeds

VARIANTS = 96
"""Stamps in a bank. In a bank of aligned nuclei, stamp v points along pi * v / VARIANTS."""


@dataclass(frozen=True, kw_only=True)
class NucleusKind:
    """How the nuclei of one kind of cell look. Lengths are in pixels, about 1 micrometer each."""

    number: int
    """Number of the kind's random generator; each kind has its own."""
    radius: float
    """Mean radius."""
    spread: float
    """Relative standard deviation of the radius."""
    elongation: tuple[float, float]
    """Smallest and largest ratio of the long to the short axis."""
    wobble: float
    """Irregularity of the outline, relative to the radius."""
    body: float
    """Hematoxylin inside."""
    rim: float
    """Hematoxylin added along the membrane."""
    mottle: float
    """Strength of the chromatin pattern."""
    nucleoli: int
    """Largest number of nucleoli."""
    aligned: bool = False
    """Whether the stamp number is the direction of the long axis."""


LYMPHOCYTE = NucleusKind(
    number=10, radius=3.7, spread=0.09, elongation=(1.0, 1.2), wobble=0.05, body=0.98, rim=0.1, mottle=0.16,
    nucleoli=0,
)  # fmt: skip
CENTROBLAST = NucleusKind(
    number=11, radius=4.9, spread=0.12, elongation=(1.0, 1.35), wobble=0.07, body=0.6, rim=0.28, mottle=0.16,
    nucleoli=2,
)  # fmt: skip
HISTIOCYTE = NucleusKind(
    number=12, radius=4.7, spread=0.12, elongation=(1.1, 1.6), wobble=0.10, body=0.5, rim=0.26, mottle=0.12,
    nucleoli=1,
)  # fmt: skip
SPINDLE = NucleusKind(
    number=13, radius=2.9, spread=0.12, elongation=(2.6, 4.2), wobble=0.06, body=0.8, rim=0.1, mottle=0.1,
    nucleoli=0, aligned=True,
)  # fmt: skip
TUMOR = NucleusKind(
    number=14, radius=5.9, spread=0.16, elongation=(1.0, 1.5), wobble=0.09, body=0.42, rim=0.3, mottle=0.15,
    nucleoli=2,
)  # fmt: skip
SMALL_TUMOR = NucleusKind(
    number=20, radius=4.9, spread=0.14, elongation=(1.0, 1.45), wobble=0.08, body=0.52, rim=0.28, mottle=0.16,
    nucleoli=2,
)  # fmt: skip
DARK_TUMOR = NucleusKind(
    number=15, radius=5.0, spread=0.18, elongation=(1.1, 1.8), wobble=0.12, body=0.85, rim=0.15, mottle=0.18,
    nucleoli=1,
)  # fmt: skip
COLUMNAR = NucleusKind(
    number=16, radius=4.7, spread=0.10, elongation=(1.5, 2.3), wobble=0.07, body=0.68, rim=0.22, mottle=0.18,
    nucleoli=1, aligned=True,
)  # fmt: skip
PYKNOTIC = NucleusKind(
    number=17, radius=1.9, spread=0.3, elongation=(1.0, 1.6), wobble=0.15, body=1.15, rim=0.0, mottle=0.1,
    nucleoli=0,
)  # fmt: skip
ERYTHROCYTE = NucleusKind(
    number=18, radius=3.3, spread=0.07, elongation=(1.0, 1.25), wobble=0.04, body=0.55, rim=0.12, mottle=0.05,
    nucleoli=0,
)  # fmt: skip
CYTOPLASM = NucleusKind(
    number=19, radius=8.6, spread=0.12, elongation=(1.0, 1.3), wobble=0.10, body=1.0, rim=0.1, mottle=0.12,
    nucleoli=0,
)  # fmt: skip


@functools.cache
def bank(kind: NucleusKind) -> NDArray[np.float32]:
    """Return the stamps of `kind`, float32 >= 0, shape (VARIANTS, side, side) with an odd side."""
    rng = seeds.bank_generator(kind.number)
    half = int(np.ceil(kind.radius * (1 + 2.5 * kind.spread) * kind.elongation[1] ** 0.5)) + 2
    depth, angle = _outline(rng, kind, half)
    cover = np.clip(depth / 1.1 + 0.5, 0, 1)
    noise = ndimage.gaussian_filter(rng.standard_normal(depth.shape), (0, 0.9, 0.9))
    chromatin = kind.body + kind.rim * np.exp(-((depth / 1.3 - 0.5) ** 2)) + kind.mottle * noise / noise.std()
    chromatin += 0.55 * _nucleoli(rng, kind, half, angle)
    stamps: NDArray[np.float64] = cover * np.maximum(chromatin, 0.1)
    return stamps.astype(np.float32)


def _outline(rng: np.random.Generator, kind: NucleusKind, half: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the depth below the outline in pixels, shape (VARIANTS, side, side), and each long axis."""
    count = (VARIANTS, 1, 1)
    angle = rng.uniform(0, np.pi, count)
    if kind.aligned:
        angle = (np.pi * np.arange(VARIANTS) / VARIANTS).reshape(count) + rng.normal(0, 0.08, count)
    axis = np.arange(-half, half + 1)
    x = axis[None, None, :] - rng.uniform(-0.5, 0.5, count)
    y = axis[None, :, None] - rng.uniform(-0.5, 0.5, count)
    ratio = np.sqrt(rng.uniform(*kind.elongation, count))
    along = (x * np.cos(angle) + y * np.sin(angle)) / ratio
    across = (y * np.cos(angle) - x * np.sin(angle)) * ratio
    around = np.arctan2(across, along)
    radius = kind.radius * np.clip(rng.normal(1, kind.spread, count), 1 - 2 * kind.spread, 1 + 2 * kind.spread)
    for waves in (2, 3, 4):
        phase = rng.uniform(0, 2 * np.pi, count)
        radius = radius * (1 + kind.wobble * rng.normal(0, 0.6, count) * np.cos(waves * around + phase))
    return (radius - np.hypot(along, across)) / ratio, angle


def _nucleoli(
    rng: np.random.Generator, kind: NucleusKind, half: int, angle: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return soft dots near the middle of each nucleus, shape (VARIANTS, side, side)."""
    axis = np.arange(-half, half + 1)
    dots = np.zeros((len(angle), len(axis), len(axis)))
    for _ in range(kind.nucleoli):
        x, y = rng.normal(0, kind.radius * 0.33, (2, len(angle), 1, 1))
        shown = rng.random(x.shape) < 0.7
        squared = (axis[None, None, :] - x) ** 2 + (axis[None, :, None] - y) ** 2
        dots = np.maximum(dots, shown * np.exp(-squared / 1.8))
    return dots
