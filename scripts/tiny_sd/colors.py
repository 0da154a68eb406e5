"""Palettes of every hue, and the names of colors."""

from __future__ import annotations

import colorsys

import numpy as np
from numpy.typing import NDArray

NAMED_COLORS: dict[str, tuple[int, int, int]] = {
    "black": (20, 20, 20),
    "gray": (128, 128, 128),
    "silver": (190, 190, 190),
    "white": (245, 245, 245),
    "red": (210, 40, 40),
    "maroon": (110, 20, 40),
    "orange": (235, 140, 40),
    "brown": (120, 75, 40),
    "beige": (230, 210, 175),
    "yellow": (235, 225, 60),
    "olive": (120, 120, 40),
    "lime": (150, 225, 70),
    "green": (50, 150, 60),
    "mint": (165, 230, 190),
    "teal": (30, 125, 125),
    "cyan": (80, 215, 225),
    "azure": (165, 205, 240),
    "blue": (50, 80, 205),
    "navy": (25, 30, 100),
    "violet": (125, 70, 215),
    "lilac": (200, 170, 225),
    "purple": (115, 40, 135),
    "magenta": (220, 50, 190),
    "pink": (240, 165, 195),
}
"""Red, green and blue from 0 to 255 of each color a caption can name."""

_NAMES = tuple(NAMED_COLORS)
_VALUES = np.array(list(NAMED_COLORS.values()), dtype=float) / 255.0


def name_of(color: NDArray[np.float64]) -> str:
    """Return the name nearest to a color.

    Args:
        color: Red, green and blue in [0, 1], shape (3,).
    """
    return _NAMES[int(np.argmin(((_VALUES - color) ** 2).sum(axis=1)))]


def draw_palette(rng: np.random.Generator, *, size: int) -> NDArray[np.float64]:
    """Return a palette whose hues are drawn evenly from the whole color circle.

    Half of the palettes keep to neighboring hues and run from light to dark, as most natural materials do;
    the others are drawn freely. Either kind may hold one near-white or near-gray color.

    Args:
        rng: Source of the colors.
        size: Number of colors, at least 2.

    Returns:
        Red, green and blue in [0, 1], shape (size, 3).
    """
    palette = _shades(rng, size=size) if rng.random() < 0.6 else _free(rng, size=size)
    if rng.random() < 0.35:
        palette[rng.integers(size)] = rng.uniform(0.8, 1.0) + rng.normal(0.0, 0.02, 3)
    return np.clip(palette, 0.0, 1.0)


def _shades(rng: np.random.Generator, *, size: int) -> NDArray[np.float64]:
    """Return neighboring hues from light and pale to dark and deep, in either order."""
    hue, turn = rng.random(), rng.normal(0.0, 0.08)
    pale, deep = rng.uniform(0.03, 0.5), rng.uniform(0.25, 0.95)
    light, dark = rng.uniform(0.65, 1.0), rng.uniform(0.1, 0.65)
    colors = [
        colorsys.hsv_to_rgb((hue + turn * t) % 1.0, pale + (deep - pale) * t, light + (dark - light) * t)
        for t in np.linspace(0.0, 1.0, size)
    ]
    return np.array(colors if rng.random() < 0.5 else colors[::-1])


def _free(rng: np.random.Generator, *, size: int) -> NDArray[np.float64]:
    """Return colors drawn one by one."""
    return np.array([colorsys.hsv_to_rgb(rng.random(), rng.random(), rng.uniform(0.1, 1.0)) for _ in range(size)])
