"""Labelled images, read lazily in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class PixelSource(Protocol):
    """Where pixels come from: an HDF5 file, the shards of an image set, an array."""

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the images at `rows` as uint8 RGB, shape (len(rows), H, W, 3), in the order asked for."""
        ...


@dataclass(frozen=True)
class Images:
    """Labelled images of one role. Pixels are read when asked for, never all at once by this class."""

    source: PixelSource
    """Where the pixels are."""
    rows: NDArray[np.int64]
    """Row of each image in `source`, shape (N,)."""
    labels: NDArray[np.int64]
    """Class index of each image, shape (N,), 0 <= label < len(classes)."""
    classes: tuple[str, ...]
    """Class names; the label indexes this tuple."""
    slides: NDArray[np.str_] | None
    """Slide of origin of each image, shape (N,), or None where it is not known."""
    digest: str
    """Digest of what the images are: equal digests, equal pixels and labels in equal order."""

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.rows)

    def read(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Return images `start` to `stop` as uint8 RGB, shape (stop - start, H, W, 3)."""
        return self.source.read(self.rows[start:stop])

    def batches(self, size: int) -> Iterator[NDArray[np.uint8]]:
        """Yield all images in order in blocks of at most `size`, uint8 RGB, shape (<= size, H, W, 3)."""
        for start in range(0, len(self), size):
            yield self.read(start, min(start + size, len(self)))

    def take(self, chosen: NDArray[np.int64], *, digest: str) -> Images:
        """Return the images at positions `chosen`, under a digest the caller answers for."""
        slides = None if self.slides is None else self.slides[chosen]
        return replace(self, rows=self.rows[chosen], labels=self.labels[chosen], slides=slides, digest=digest)


@dataclass(frozen=True)
class ArraySource:
    """Pixels held in memory."""

    pixels: NDArray[np.uint8]
    """uint8 RGB, shape (N, H, W, 3)."""

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the images at `rows`."""
        return self.pixels[rows]
