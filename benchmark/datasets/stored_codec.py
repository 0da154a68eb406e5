"""Tells whether images went through JPEG before they were stored losslessly."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmark.contracts.dataset import Split
from benchmark.contracts.images import Images
from benchmark.errors import UserError

Codec = Literal["none", "jpeg-75"]
"""How images are stored: as they were taken, or as JPEG of quality 75 with 4:2:0 chroma."""

_QUALITY = 75
_SAME = 1.6
_SAMPLE = 64


def detect(images: NDArray[np.uint8]) -> Codec:
    """Return the codec some images went through, judged by what a further JPEG of quality 75 changes.

    A second pass through the same quantization changes next to nothing, a first one a good deal. The median root
    mean square change was 1.0 gray levels on PCam patches stored as such JPEG and 7.0 on untouched phantom
    patches; at any other quality from 60 to 95 it was 2.8 or more.

    Args:
        images: A sample of the images, uint8 RGB, shape (n, H, W, 3) with n of 32 or more; H and W as stored.

    Returns:
        'jpeg-75' if the median change is below 1.6 gray levels, else 'none'.
    """
    return "jpeg-75" if float(np.median([_change(image) for image in images])) < _SAME else "none"


def agreed(
    splits: Mapping[Split, Images],
    *,
    stated: Codec | Literal["detect"],
    dataset: str,
    place: Callable[[Split], object],
) -> Codec:
    """Return the codec that the pixels of all splits tell, by some images of each.

    Args:
        splits: The images of each split; a split without any tells nothing.
        stated: What a suite says of them, or 'detect'.
        dataset: Name of the dataset, for messages.
        place: Returns where a split lies, for messages.

    Raises:
        UserError: The splits are stored in unlike ways, or not as stated: real and synthetic images would then be
            treated unlike.
    """
    found = {split: _of_some(images) for split, images in splits.items() if len(images)}
    first = next(iter(found))
    expected = found[first] if stated == "detect" else stated
    for split, codec in found.items():
        if codec != expected:
            source = f"split '{first}' is" if stated == "detect" else f"dataset '{dataset}' has"
            raise UserError(
                f"{place(split)}: its patches look as stored under codec '{codec}', but {source} '{expected}'. Store "
                "all splits alike, and set the suite's codec to that or to 'detect'."
            )
    return expected


def _of_some(images: Images) -> Codec:
    chosen = np.linspace(0, len(images) - 1, min(_SAMPLE, len(images))).astype(np.int64)
    return detect(images.source.read(images.rows[chosen]))


def _change(image: NDArray[np.uint8]) -> float:
    """Return the root mean square change under JPEG in gray levels."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=_QUALITY)
    again = np.asarray(Image.open(buffer).convert("RGB"), np.float64)
    return float(np.sqrt(np.square(again - image).mean()))
