"""Resizing and codecs, on arrays of uint8 RGB images."""

from __future__ import annotations

import io
import re
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmark.errors import UserError
from benchmark.protocol import float_filters

FILTERS = {
    "lanczos": Image.Resampling.LANCZOS,
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "box": Image.Resampling.BOX,
}
"""Pillow's filters; all widen with the reduction, so that they do not alias."""

JPEG = "'jpeg-Q' with Q from 1 to 95, in the digits 0 to 9 and without leading zeros"
"""What a codec of JPEG is called, in words."""

Filter = Literal[
    "lanczos", "bicubic", "bilinear", "box",
    "tf1-bilinear", "torch-bilinear", "torch-bilinear-antialias", "pil-bicubic-float",
]  # fmt: skip
"""Pillow's, which round by themselves, and those of `float_filters`."""


def resize(images: NDArray[np.uint8], side: int, filter_name: str) -> NDArray[np.uint8]:
    """Return images brought to `side` x `side`.

    Args:
        images: uint8 RGB, shape (N, H, W, 3).
        side: Side in pixels.
        filter_name: A `Filter`. Extractors take uint8, so what `float_filters` gives is rounded here, to the
            nearest, halves to even; the libraries they are named after feed it on unrounded.

    Returns:
        uint8 RGB, shape (N, side, side, 3); the same array where the size is right already.
    """
    if images.shape[1:3] == (side, side):
        return images
    resized = np.empty((len(images), side, side, 3), np.uint8)
    for position, image in enumerate(images):
        if filter_name in FILTERS:
            resized[position] = np.asarray(Image.fromarray(image).resize((side, side), FILTERS[filter_name]))
        else:
            resized[position] = np.rint(float_filters.FILTERS[filter_name](image, side))
    return resized


def store_as(images: NDArray[np.uint8], codec: str) -> NDArray[np.uint8]:
    """Return images as they come back from a codec.

    Args:
        images: uint8 RGB, shape (N, H, W, 3).
        codec: ``none``; ``png``, which is lossless; or ``jpeg-Q`` for JPEG of quality Q, 1 to 95, with Pillow's
            4:2:0 chroma.

    Returns:
        uint8 RGB of the same shape.
    """
    if codec == "none":
        return images
    options = {"format": "PNG"} if codec == "png" else {"format": "JPEG", "quality": jpeg_quality(codec)}
    stored = np.empty_like(images)
    for position, image in enumerate(images):
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, **options)
        stored[position] = np.asarray(Image.open(buffer))
    return stored


def jpeg_quality(codec: str) -> int:
    """Return the quality a codec's name gives.

    Raises:
        UserError: If the name is not ``jpeg-Q`` with Q from 1 to 95, in digits as in 75: a quality has one name, since
            the name is part of the protocol's digest.
    """
    found = re.fullmatch(r"jpeg-([1-9][0-9]?)", codec)
    if found is None or int(found[1]) > 95:
        raise UserError(f"There is no codec '{codec}'. Expected 'none', 'png' or {JPEG}.")
    return int(found[1])
