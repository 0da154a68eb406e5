"""Images as the protocol hands them over: the one way that real and synthetic images go."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmark import digests
from benchmark.contracts.images import Images, PixelSource
from benchmark.protocol import operations
from benchmark.protocol.definition import Protocol
from benchmark.protocol.operations import Path


@dataclass(frozen=True)
class StoredAs:
    """How a dataset stores its images."""

    side: int
    """Side in pixels."""
    codec: str
    """``none`` or ``jpeg-Q``."""


@dataclass(frozen=True)
class _View:
    """Pixels of a source after a path."""

    source: PixelSource
    path: Path

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the images at `rows`, shape (len(rows), S, S, 3), S the side the path leaves them at."""
        return operations.apply(self.source.read(rows), self.path)


def apply(images: Images, protocol: Protocol, *, synthetic_in: StoredAs | None = None) -> Images:
    """Return images as an extractor gets them.

    Args:
        images: Real images as the dataset stores them, or synthetic ones as they were made.
        protocol: What is done to pixels.
        synthetic_in: For synthetic images, how the dataset stores its own; None for real ones.

    Returns:
        The same images, labels and order, after the path of their side.
    """
    through = synthetic_in if synthetic_in is not None and _is_lossy(protocol, synthetic_in) else None
    what: list[object] = [images.digest, protocol.digest, None if through is None else [through.side, through.codec]]
    if protocol.synthetic is not None:
        what.append("real" if synthetic_in is None else "synthetic")
    return along(images, _path(protocol, synthetic_in), digest=digests.of_value(what))


def along(images: Images, path: Path, *, digest: str) -> Images:
    """Return images after a path, under a digest the caller answers for."""
    return replace(images, source=_View(images.source, path), digest=digest)


def _path(protocol: Protocol, synthetic_in: StoredAs | None) -> Path:
    if synthetic_in is None:
        return protocol.path_of_real()
    return protocol.path_of_synthetic(side=synthetic_in.side, codec=synthetic_in.codec)


def _is_lossy(protocol: Protocol, stored: StoredAs) -> bool:
    return protocol.synthetic is None and protocol.codec == "dataset" and stored.codec != "none"
