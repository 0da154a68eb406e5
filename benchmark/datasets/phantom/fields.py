"""Smooth random fields and texture banks, the raw material of every patch.

Large arrays are float32 and pass only through exactly rounded operations (+, -, *, /, sqrt, min, max);
whatever needs a library function is computed in float64 and rounded once. Patches are then the same on every
machine.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from benchmark.datasets.phantom import seeds

Field = NDArray[np.float32]
"""A float32 map over the patch, shape (96, 96), indexed [y, x]."""

Amount = Field | np.float32 | float
"""A map over the patch, or one value for all of it."""

SIZE = 96
"""Side of a patch in pixels."""
CENTER = slice(32, 64)
"""Rows and columns of the central third, which decides the label."""

_BANK = 512
_LINE = 1024
_LINE_STEPS = 16

X: Field = np.broadcast_to(np.arange(SIZE, dtype=np.float32), (SIZE, SIZE))
"""Column of each pixel."""
Y: Field = X.T
"""Row of each pixel."""


def smooth(rng: np.random.Generator, cells: int) -> Field:
    """Return a smooth random field with mean 0, unit variance and about `cells` bumps per side."""
    basis = _spline_basis(cells)
    knots = rng.standard_normal((cells + 3, cells + 3))
    field: Field = (basis @ knots @ basis.T).astype(np.float32)
    return field


def grain(rng: np.random.Generator, sigma: float) -> Field:
    """Return a random window of isotropic noise with unit variance, correlated over `sigma` pixels."""
    y, x, turn = rng.integers((_BANK, _BANK, 4)).tolist()
    window = _grain_bank(sigma)[y : y + SIZE, x : x + SIZE]
    window = window[::-1] if turn & 1 else window
    turned: Field = window.T if turn & 2 else window
    return turned


def stripes(rng: np.random.Generator, across: Field, width: float) -> Field:
    """Return wavy lines with mean 0 and unit variance.

    Args:
        rng: Generator of the patch.
        across: Coordinate across the lines in pixels; its level sets are the lines.
        width: Typical width of a line in pixels.

    Returns:
        Values of one-dimensional noise at `across`.
    """
    start = int(rng.integers(_LINE))
    steps = (across * (_LINE_STEPS / width)).astype(np.int32)
    lines: Field = _line_bank()[(steps + start) & (_LINE - 1)]
    return lines


def inside(field: Field, level: float, soft: float) -> Field:
    """Return a mask in [0, 1] of where `field` exceeds `level`, with an edge `soft` field units wide."""
    scale = 1 / soft
    mask: Field = np.clip((field - level) * scale + 0.5, 0, 1)
    return mask


def at(field: Field, points: NDArray[np.float64]) -> Field:
    """Return the field at `points` (..., 2) in (x, y), each taken at the nearest pixel of the patch."""
    pixels = np.clip(points, 0, SIZE - 1).astype(np.int64)
    values: Field = field[pixels[..., 1], pixels[..., 0]]
    return values


@functools.cache
def _spline_basis(cells: int) -> NDArray[np.float64]:
    """Return cubic B-splines at the pixels, shape (SIZE, cells + 3), scaled to keep unit variance."""
    position = (np.arange(SIZE) + 0.5) / SIZE * cells + 1
    distance = np.abs(position[:, None] - np.arange(cells + 3)[None, :])
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = np.maximum(2 - distance, 0) ** 3 / 6
    basis: NDArray[np.float64] = np.where(distance < 1, near, far)
    scaled: NDArray[np.float64] = basis / np.sqrt((basis**2).sum(axis=1).mean())
    return scaled


@functools.cache
def _grain_bank(sigma: float) -> Field:
    """Return tileable noise, shape (BANK + SIZE, BANK + SIZE), so that every window lies inside."""
    rng = seeds.bank_generator(int(sigma * 100))
    noise = ndimage.gaussian_filter(rng.standard_normal((_BANK, _BANK)), sigma, mode="wrap")
    return np.pad(noise / noise.std(), (0, SIZE), mode="wrap").astype(np.float32)


@functools.cache
def _line_bank() -> Field:
    """Return periodic one-dimensional noise, shape (LINE,), with LINE_STEPS samples to a line's width."""
    rng = seeds.bank_generator(1)
    noise = ndimage.gaussian_filter1d(rng.standard_normal(_LINE), _LINE_STEPS / 2, mode="wrap")
    line: Field = (noise / noise.std()).astype(np.float32)
    return line
