"""Images as the protocol hands them over: the one path that real and synthetic images share."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmark import digests
from benchmark.contracts.images import Images, PixelSource
from benchmark.protocol import pixels
from benchmark.protocol.definition import Protocol


@dataclass(frozen=True)
class StoredAs:
    """How a dataset stores its images."""

    side: int
    """Side in pixels."""
    codec: str
    """``none`` or ``jpeg-Q``."""


@dataclass(frozen=True)
class _View:
    """Pixels of a source after the protocol."""

    source: PixelSource
    protocol: Protocol
    store: StoredAs | None

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the images at `rows`, shape (len(rows), size, size, 3)."""
        images = self.source.read(rows)
        if self.store is not None:
            images = pixels.resize(images, self.store.side, self.protocol.filter)
            images = pixels.store_as(images, self.store.codec)
        return pixels.resize(images, self.protocol.size, self.protocol.filter)


def apply(images: Images, protocol: Protocol, *, synthetic_in: StoredAs | None = None) -> Images:
    """Return images as an extractor gets them.

    Args:
        images: Real images as the dataset stores them, or synthetic ones as they were made.
        protocol: What is done to pixels.
        synthetic_in: For synthetic images, how the dataset stores its own. They go through its codec at its size
            first, as if they had been released with it; a lossless dataset leaves them as they are.

    Returns:
        The same images, labels and order, at the common size.
    """
    through = synthetic_in if synthetic_in is not None and _is_lossy(protocol, synthetic_in) else None
    what = [images.digest, protocol.digest, None if through is None else [through.side, through.codec]]
    return replace(images, source=_View(images.source, protocol, through), digest=digests.of_value(what))


def _is_lossy(protocol: Protocol, stored: StoredAs) -> bool:
    return protocol.codec == "dataset" and stored.codec != "none"
