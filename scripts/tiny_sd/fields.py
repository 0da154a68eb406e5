"""Scalar fields: arrays of shape (CANVAS, CANVAS), float64, values in [0, 1], from which textures are painted."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scripts.tiny_sd.settings import CANVAS

Field: TypeAlias = NDArray[np.float64]
"""Shape (CANVAS, CANVAS), float64."""

_ROWS, _COLUMNS = np.meshgrid(np.arange(CANVAS, dtype=float), np.arange(CANVAS, dtype=float), indexing="ij")
_PIXELS = np.stack([_ROWS.ravel(), _COLUMNS.ravel()], axis=1)
_FREQUENCIES = np.stack(np.meshgrid(np.fft.fftfreq(CANVAS), np.fft.rfftfreq(CANVAS), indexing="ij"))


def spread(field: Field) -> Field:
    """Return the field moved and scaled so that its values fill [0, 1]."""
    low, high = field.min(), field.max()
    return (field - low) / max(high - low, 1e-12)


def step(field: Field, *, softness: float) -> Field:
    """Return a soft step: 0 where the field is far below 0, 1 where it is far above.

    Args:
        field: Signed distances or any other signed values.
        softness: Width of the edge, in the unit of the field; above 0.
    """
    return np.clip(0.5 + field / softness, 0.0, 1.0)


def noise(rng: np.random.Generator, *, low: float, high: float, stretch: float = 1.0, angle: float = 0.0) -> Field:
    """Return Gaussian noise that holds one band of frequencies, with values filling [0, 1].

    Args:
        rng: Source of the noise.
        low: Lower edge of the band, cycles per pixel of the canvas.
        high: Upper edge of the band, cycles per pixel.
        stretch: Structures are this many times longer than wide.
        angle: Direction of their length, radians.
    """
    down, right = _FREQUENCIES
    along = (np.cos(angle) * right + np.sin(angle) * down) * stretch
    across = -np.sin(angle) * right + np.cos(angle) * down
    radius = np.hypot(along, across)
    band = np.exp(-((radius / high) ** 2)) * (1.0 - np.exp(-((radius / low) ** 2)))
    waves = np.fft.rfft2(rng.standard_normal((CANVAS, CANVAS)))
    return spread(np.fft.irfft2(waves * band, s=(CANVAS, CANVAS)))


def clouds(rng: np.random.Generator, *, roughness: float) -> Field:
    """Return fractal noise with values filling [0, 1].

    Args:
        rng: Source of the noise.
        roughness: 0 gives soft clouds (amplitude falls with frequency squared), 1 gives rough ones.
    """
    radius = np.hypot(*_FREQUENCIES)
    radius[0, 0] = np.inf
    waves = np.fft.rfft2(rng.standard_normal((CANVAS, CANVAS)))
    return spread(np.fft.irfft2(waves / radius ** (2.0 - 1.4 * roughness), s=(CANVAS, CANVAS)))


def ramp(*, angle: float) -> Field:
    """Return the position along one direction, in pixels of the canvas.

    Args:
        angle: Direction in radians, 0 along a row.
    """
    return _COLUMNS * np.cos(angle) + _ROWS * np.sin(angle)


def distance_to(*, row: float, column: float) -> Field:
    """Return the distance of each pixel to one point, in pixels of the canvas."""
    return np.hypot(_ROWS - row, _COLUMNS - column)


def wobble(rng: np.random.Generator, *, amplitude: float) -> Field:
    """Return smooth noise around 0 that bends lines when added to a position, in pixels of the canvas."""
    return amplitude * (noise(rng, low=0.005, high=0.04) - 0.5)


def scatter(rng: np.random.Generator, *, count: int, evenness: float) -> NDArray[np.float64]:
    """Return points spread over the canvas and a margin of an eighth around it.

    Args:
        rng: Source of the points.
        count: Number of points.
        evenness: 0 gives independent points, 1 gives a jittered grid.

    Returns:
        Rows and columns, shape (count, 2), float64.
    """
    loose = rng.random((count, 2))
    side = int(np.ceil(np.sqrt(count)))
    places = rng.permutation(side * side)[:count]
    even = (np.stack([places // side, places % side], axis=1) + rng.random((count, 2))) / side
    unit = np.where(rng.random((count, 1)) < evenness, even, loose)
    return unit * CANVAS * 1.25 - CANVAS * 0.125


def nearest(
    points: NDArray[np.float64], *, stretch: float = 1.0, angle: float = 0.0
) -> tuple[Field, Field, NDArray[np.int64]]:
    """Return the distances of each pixel to its two nearest points, and which point is nearest.

    Args:
        points: Rows and columns, shape (N, 2), N at least 2.
        stretch: Distances along `angle` count this many times less, so neighborhoods grow longer.
        angle: Direction in radians, 0 along a row.

    Returns:
        Distance to the nearest point, distance to the second, and the index of the nearest, shape (CANVAS, CANVAS).
    """
    turn = np.array([[np.sin(angle) / stretch, np.cos(angle)], [np.cos(angle) / stretch, -np.sin(angle)]])
    distances, order = cKDTree(points @ turn).query(_PIXELS @ turn, k=2)
    shape = (CANVAS, CANVAS)
    return distances[:, 0].reshape(shape), distances[:, 1].reshape(shape), order[:, 0].reshape(shape)
