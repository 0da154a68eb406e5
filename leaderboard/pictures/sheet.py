"""Contact sheets: images side by side, small ones enlarged pixel by pixel, as PNG."""

from __future__ import annotations

import io
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_GAP = 4


class Sheet(NamedTuple):
    """A contact sheet."""

    png: bytes
    width: int
    height: int
    enlarged: bool
    """Whether each pixel of an image became a square of several."""


def contact(images: NDArray[np.uint8], *, columns: int, tile: int) -> Sheet:
    """Return images as one PNG, row by row, with transparent gaps.

    Args:
        images: uint8 RGB, shape (N, H, W, 3), N of 1 or more.
        columns: Images a row.
        tile: Side in pixels to which each is brought, as near as a whole factor comes: small images are enlarged
            by repeating pixels, large ones reduced by averaging blocks.
    """
    scaled = _scaled(images, tile)
    count, height, width = scaled.shape[:3]
    across, down = min(columns, count), math.ceil(count / columns)
    canvas = np.zeros((down * (height + _GAP) - _GAP, across * (width + _GAP) - _GAP, 4), np.uint8)
    for position, image in enumerate(scaled):
        row, column = divmod(position, columns)
        top, left = row * (height + _GAP), column * (width + _GAP)
        canvas[top : top + height, left : left + width, :3] = image
        canvas[top : top + height, left : left + width, 3] = 255
    stream = io.BytesIO()
    Image.fromarray(canvas).save(stream, "PNG")
    return Sheet(stream.getvalue(), canvas.shape[1], canvas.shape[0], enlarged=width > images.shape[2])


def _scaled(images: NDArray[np.uint8], tile: int) -> NDArray[np.uint8]:
    """Return images enlarged or reduced by a whole factor."""
    side = max(images.shape[1:3])
    if side <= tile:
        factor = max(1, round(tile / side))
        return images.repeat(factor, axis=1).repeat(factor, axis=2)
    factor = min(round(side / tile), *images.shape[1:3])
    height, width = (extent // factor * factor for extent in images.shape[1:3])
    blocks = images[:, :height, :width].reshape(len(images), height // factor, factor, width // factor, factor, 3)
    return np.rint(blocks.mean(axis=(2, 4))).astype(np.uint8)
