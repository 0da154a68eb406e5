"""What can be done to pixels, one operation after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from benchmark.errors import UserError
from benchmark.protocol import float_filters, pixels
from benchmark.protocol.pixels import Filter
from benchmark.strict import Strict


class Resize(Strict):
    """Bring images to a square."""

    resize: Annotated[int, Field(ge=1)]
    """Side in pixels."""
    filter: Filter = "lanczos"
    """How; see `pixels.resize`."""

    def apply(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the images at the new size."""
        return pixels.resize(images, self.resize, self.filter)

    def describe(self) -> str:
        """Return it in words."""
        aliasing = "without" if self.filter in float_filters.ALIASING else "with"
        return f"{self.resize} px, {self.filter} {aliasing} antialiasing"


class Store(Strict):
    """Store images in a codec and read them back, at the size they have then."""

    codec: str
    """``png``, which is lossless, or ``jpeg-Q`` with Q from 1 to 95, without leading zeros."""

    @field_validator("codec")
    @classmethod
    def _known(cls, codec: str) -> str:
        if codec != "png":
            try:
                pixels.jpeg_quality(codec)
            except UserError:
                raise ValueError(f"expected 'png', or {pixels.JPEG}") from None
        return codec

    def apply(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the images as they come back."""
        return pixels.store_as(images, self.codec)

    def describe(self) -> str:
        """Return it in words."""
        return "stored as PNG" if self.codec == "png" else f"stored as JPEG of quality {self.codec[5:]}"


Path = tuple[Resize | Store, ...]
"""Operations in order; an empty one leaves images at the size they have."""


def apply(images: NDArray[np.uint8], path: Path) -> NDArray[np.uint8]:
    """Return images after every operation of a path.

    Args:
        images: uint8 RGB, shape (N, H, W, 3).
        path: The operations.

    Returns:
        uint8 RGB, shape (N, S, S, 3), S the side of the last resize; (N, H, W, 3) where there is none.
    """
    for operation in path:
        images = operation.apply(images)
    return images


def side(path: Path) -> int | None:
    """Return the side in pixels at which a path leaves images; None where that is the side they come with."""
    sides = [operation.resize for operation in path if isinstance(operation, Resize)]
    return sides[-1] if sides else None


def describe(path: Sequence[Resize | Store]) -> str:
    """Return a path in words."""
    return ", then ".join(operation.describe() for operation in path) or "as they come"
