"""Captions: what a texture shows, in words the tokenizer knows."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from scripts.tiny_sd import colors, kinds, numbers

Joint: TypeAlias = Literal["alone", "on", "beside"]
"""How two drawings share a picture."""


def describe(rng: np.random.Generator, drawing: kinds.Drawing, palette: NDArray[np.float64], *, joint: Joint) -> str:
    """Return the caption of a picture's front drawing.

    Args:
        rng: Decides whether the number is told; it is in half of the captions.
        drawing: What was drawn.
        palette: Its colors, shape (K, 3), in [0, 1].
        joint: How the drawing shares the picture; on another one, only its last color shows.

    Returns:
        A caption such as ``Texture image of red and white stripes, angle forty-five``.
    """
    shown = palette[-1:] if joint == "on" else palette[[0, -1]]
    words = f"Texture image of {_colors(shown)} {drawing.noun}"
    if rng.random() < 0.5:
        words += f", {drawing.measure} {numbers.in_words(drawing.number)}"
    return words


def describe_back(drawing: kinds.Drawing, palette: NDArray[np.float64], *, joint: Joint) -> str:
    """Return the end of the caption that tells what is behind or beside the front drawing."""
    return f" {joint} {_colors(palette[[0, -1]])} {drawing.noun}"


def _colors(palette: NDArray[np.float64]) -> str:
    """Return the names of colors joined by ``and``, each once."""
    return " and ".join(dict.fromkeys(colors.name_of(color) for color in palette))
