"""Resizing and codecs, on arrays of uint8 RGB images."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmark.errors import UserError

FILTERS = {
    "lanczos": Image.Resampling.LANCZOS,
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "box": Image.Resampling.BOX,
}
"""Pillow's filters; all widen with the reduction, so that they do not alias."""


def resize(images: NDArray[np.uint8], side: int, filter_name: str) -> NDArray[np.uint8]:
    """Return images brought to `side` x `side`.

    Args:
        images: uint8 RGB, shape (N, H, W, 3).
        side: Side in pixels.
        filter_name: A name of `FILTERS`. The result is rounded to uint8.

    Returns:
        uint8 RGB, shape (N, side, side, 3); the same array where the size is right already.
    """
    if images.shape[1:3] == (side, side):
        return images
    resized = np.empty((len(images), side, side, 3), np.uint8)
    for position, image in enumerate(images):
        resized[position] = np.asarray(Image.fromarray(image).resize((side, side), FILTERS[filter_name]))
    return resized


def store_as(images: NDArray[np.uint8], codec: str) -> NDArray[np.uint8]:
    """Return images as they come back from a codec.

    Args:
        images: uint8 RGB, shape (N, H, W, 3).
        codec: ``none``, or ``jpeg-Q`` for JPEG of quality Q, 1 to 95, with Pillow's 4:2:0 chroma.

    Returns:
        uint8 RGB of the same shape.
    """
    if codec == "none":
        return images
    quality = jpeg_quality(codec)
    stored = np.empty_like(images)
    for position, image in enumerate(images):
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "JPEG", quality=quality)
        stored[position] = np.asarray(Image.open(buffer))
    return stored


def jpeg_quality(codec: str) -> int:
    """Return the quality a codec's name gives.

    Raises:
        UserError: If the name is not ``jpeg-Q`` with Q from 1 to 95.
    """
    name, _, number = codec.partition("-")
    if name != "jpeg" or not number.isdecimal() or not 1 <= int(number) <= 95:
        raise UserError(f"There is no codec '{codec}'. Expected 'none' or 'jpeg-Q' with Q from 1 to 95.")
    return int(number)
