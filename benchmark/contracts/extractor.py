"""The contract of an extractor: a frozen network, or a fixed formula, that turns images into vectors."""

from __future__ import annotations

from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError


class Extractor(Protocol):
    """Features of images. Its parameters are the keyword arguments of its constructor.

    One whose entry names weights takes their folder as the argument ``weights``. One that computes in less than float32
    has a method ``in_float32`` that returns the same in float32, so that its drift can be measured.
    """

    version: ClassVar[int]
    """Raised by its author whenever its features change."""
    summary: ClassVar[str]
    """One line on what it is."""

    @property
    def width(self) -> int:
        """Return the number of features, D."""
        ...

    def to(self, device: str) -> None:
        """Move to ``cpu`` or ``cuda``."""
        ...

    def embed(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the features of images as the protocol hands them over.

        Args:
            images: uint8 RGB, shape (B, S, S, 3), S the protocol's common size. Any scaling the network wants
                is the extractor's own affair.

        Returns:
            float32, shape (B, D).
        """
        ...


def check_images(images: NDArray[np.uint8]) -> None:
    """Refuse what is not uint8 RGB of shape (B, H, W, 3).

    Raises:
        UserError: With what was found.
    """
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != 3:
        raise UserError(
            "An extractor takes images as uint8 RGB of shape (B, H, W, 3), "
            f"found {images.dtype} of shape {images.shape}."
        )
