"""Resizing as metric libraries do it, in floating point: filters that are not Pillow's own on uint8.

They disagree by up to seven gray levels on average at sides other than the wanted one, which is enough to move a
distance; so each has a name, and the name is part of a protocol's digest.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]


def resize(images: NDArray[np.uint8], side: int, name: str) -> Floats:
    """Return images brought to `side` x `side`, not rounded.

    Args:
        images: uint8 RGB, shape (N, H, W, 3).
        side: Side in pixels.
        name: A name of `FILTERS`.

    Returns:
        float32, 0 to 255, shape (N, side, side, 3).
    """
    filtered = FILTERS[name]
    found = np.empty((len(images), side, side, 3), np.float32)
    for position, image in enumerate(images):
        found[position] = filtered(image, side)
    return found


def _tf1(image: NDArray[np.uint8], side: int) -> Floats:
    """Sample at i x in / out: TensorFlow 1's resize_bilinear with align_corners=False; the corner stays, it aliases."""
    return _two_taps(image, side, offset=0.0)


def _torch(image: NDArray[np.uint8], side: int) -> Floats:
    """Sample at (i + 1/2) x in / out - 1/2: torch's interpolate, bilinear, align_corners=False; it aliases."""
    return _two_taps(image, side, offset=0.5)


def _two_taps(image: NDArray[np.uint8], side: int, *, offset: float) -> Floats:
    """Interpolate between the two nearest pixels along each axis, however large the reduction."""
    found = image.astype(np.float32)
    for axis in (0, 1):
        count = image.shape[axis]
        at = np.clip((np.arange(side) + offset) * (count / side) - offset, 0, count - 1)
        low = np.floor(at).astype(np.int64)
        share = (at - low).astype(np.float32).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        before, after = (found.take(places, axis=axis) for places in (low, np.minimum(low + 1, count - 1)))
        found = before + (after - before) * share
    return found


def _pillow(resampling: Image.Resampling) -> Callable[[NDArray[np.uint8], int], Floats]:
    """Return Pillow's filter on one float channel after another, cut to 0 to 255."""

    def filtered(image: NDArray[np.uint8], side: int) -> Floats:
        channels = [
            np.asarray(Image.fromarray(channel).resize((side, side), resampling))
            for channel in np.moveaxis(image.astype(np.float32), 2, 0)
        ]
        return np.clip(np.stack(channels, axis=2), 0, 255)

    return filtered


FILTERS: dict[str, Callable[[NDArray[np.uint8], int], Floats]] = {
    "tf1-bilinear": _tf1,
    "torch-bilinear": _torch,
    "torch-bilinear-antialias": _pillow(Image.Resampling.BILINEAR),
    "pil-bicubic-float": _pillow(Image.Resampling.BICUBIC),
}
"""By name: torch-fidelity's; pytorch-fid's and piq's; torchmetrics' from 1.8 on (a triangle that widens with the
reduction, which Pillow has too); clean-fid's."""

ALIASING = ("tf1-bilinear", "torch-bilinear")
"""Those that do not widen with the reduction."""
