"""Procedural textures with captions. None of them shows tissue."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scripts.tiny_sd import captions, colors, fields, kinds
from scripts.tiny_sd.settings import CANVAS, RESOLUTION


class Texture(NamedTuple):
    """One picture and its caption."""

    pixels: NDArray[np.uint8]
    """uint8 RGB, shape (RESOLUTION, RESOLUTION, 3)."""
    caption: str
    """What the picture shows."""


class Textures(NamedTuple):
    """Many pictures and their captions."""

    pixels: NDArray[np.uint8]
    """uint8 RGB, shape (N, RESOLUTION, RESOLUTION, 3)."""
    captions: tuple[str, ...]
    """One caption a picture."""


class _Layer(NamedTuple):
    """A painted field before it is averaged down."""

    colors: NDArray[np.float64]
    drawing: kinds.Drawing
    palette: NDArray[np.float64]


def draw_texture(*, seed: int, index: int) -> Texture:
    """Return one texture; it depends on `seed` and `index` alone.

    Args:
        seed: Which stream of textures, at least 0.
        index: Which texture of the stream, at least 0.
    """
    rng = np.random.default_rng((seed, index))
    front, back = _paint(rng), None
    painted = front.colors
    joint: captions.Joint = "alone"
    if rng.random() < 0.45:
        back = _paint(rng)
        joint = "on" if rng.random() < 0.6 else "beside"
        painted = _join(rng, front, back, joint=joint)
    words = captions.describe(rng, front.drawing, front.palette, joint=joint)
    if back is not None:
        words += captions.describe_back(back.drawing, back.palette, joint=joint)
    return Texture(_finish(rng, painted), words)


def draw_textures(*, seed: int, start: int = 0, count: int) -> Textures:
    """Return textures `start` to `start + count` of a stream."""
    drawn = [draw_texture(seed=seed, index=index) for index in range(start, start + count)]
    return Textures(np.stack([one.pixels for one in drawn]), tuple(one.caption for one in drawn))


def _paint(rng: np.random.Generator) -> _Layer:
    """Return a field painted with a palette: each value takes the color at its place along the palette."""
    drawing = kinds.draw(rng)
    palette = colors.draw_palette(rng, size=int(rng.integers(2, 5)))
    stops = np.linspace(0.0, 1.0, len(palette))
    painted = np.stack([np.interp(drawing.field, stops, channel) for channel in palette.T], axis=-1)
    return _Layer(painted, drawing, palette)


def _join(rng: np.random.Generator, front: _Layer, back: _Layer, *, joint: captions.Joint) -> NDArray[np.float64]:
    """Return two painted fields as one picture: the front's high values on the back, or side by side."""
    if joint == "on":
        cover = fields.step(front.drawing.field - 0.5, softness=rng.uniform(0.3, 1.0))
    else:
        bent = fields.noise(rng, low=0.005, high=rng.uniform(0.02, 0.06))
        cover = fields.step(bent - np.quantile(bent, rng.uniform(0.25, 0.75)), softness=rng.uniform(0.02, 0.2))
    return back.colors + cover[..., None] * (front.colors - back.colors)


def _finish(rng: np.random.Generator, painted: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the picture at `RESOLUTION` with uneven light and a little noise, uint8 RGB."""
    factor = CANVAS // RESOLUTION
    small = painted.reshape(RESOLUTION, factor, RESOLUTION, factor, 3).mean(axis=(1, 3))
    if rng.random() < 0.4:
        light = fields.clouds(rng, roughness=0.2)[::factor, ::factor, None]
        small = small * (1.0 + rng.uniform(0.0, 0.4) * (light - 0.5))
    if rng.random() < 0.6:
        scale = rng.uniform(0.0, 0.05)
        small = small + rng.normal(0.0, scale, (RESOLUTION, RESOLUTION, 1))
        small = small + rng.normal(0.0, 0.3 * scale, small.shape)
    return np.round(np.clip(small, 0.0, 1.0) * 255.0).astype(np.uint8)
