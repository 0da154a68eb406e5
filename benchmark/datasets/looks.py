"""One look at every image of a set: size, a digest of its pixels, whether it is blank, or why it cannot be used."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts.images import Images
from benchmark.contracts.progress import Progress, silent
from benchmark.datasets.image_files import FilePixels
from benchmark.datasets.image_reader import Kind, Unusable
from benchmark.errors import UserError

NEARLY_BLANK = 2.0
"""Gray levels: an image is nearly blank if the standard deviation over its pixels is below this in every channel."""

_BLOCK = 256
_DIGEST = 16


class Fault(NamedTuple):
    """Why an image cannot be used."""

    kind: Kind
    reason: str


@dataclass(frozen=True)
class Looks:
    """What was seen, in the order of the images, N of them. Pixels are not kept: 29 bytes an image are."""

    digests: NDArray[np.void]
    """First 16 bytes of the SHA-256 of size and pixels, shape (N,); zeros where there are no pixels."""
    sizes: NDArray[np.int32]
    """Height and width, shape (N, 2); zeros where there are no pixels."""
    blank: NDArray[np.bool_]
    """Whether all pixels have one color, shape (N,)."""
    nearly_blank: NDArray[np.bool_]
    """Whether it is not blank but its colors vary by less than `NEARLY_BLANK`, shape (N,)."""
    formats: NDArray[np.str_]
    """PNG, JPEG or TIFF, shape (N,); empty where the images are in no files of their own."""
    faults: dict[int, Fault]
    """By position, of those that cannot be used."""

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.digests)

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Return which images have pixels, shape (N,)."""
        return self.sizes[:, 0] > 0


def at(images: Images, progress: Progress = silent) -> Looks:
    """Look at images, one block of them in memory at a time.

    Args:
        images: Of one split or of no split; files may be damaged and of several sizes.
        progress: Is told of each block.
    """
    count = len(images)
    found = Looks(
        digests=np.zeros(count, f"V{_DIGEST}"),
        sizes=np.zeros((count, 2), np.int32),
        blank=np.zeros(count, bool),
        nearly_blank=np.zeros(count, bool),
        formats=np.zeros(count, "U4"),
        faults={},
    )
    for start in range(0, count, _BLOCK):
        stop = min(start + _BLOCK, count)
        if isinstance(images.source, FilePixels):
            _at_files(found, images.source, images.rows, start, stop)
        else:
            _at_rows(found, images, start, stop)
        progress(stop, count, "images looked at")
    return found


def joined(parts: Sequence[Looks]) -> Looks:
    """Return several looks as one, in their order."""
    starts = np.cumsum([0, *map(len, parts)])
    return Looks(
        digests=np.concatenate([part.digests for part in parts]),
        sizes=np.concatenate([part.sizes for part in parts]),
        blank=np.concatenate([part.blank for part in parts]),
        nearly_blank=np.concatenate([part.nearly_blank for part in parts]),
        formats=np.concatenate([part.formats for part in parts]),
        faults={
            int(start) + at: fault
            for start, part in zip(starts, parts, strict=False)
            for at, fault in part.faults.items()
        },
    )


def name_of(images: Images, position: int) -> str:
    """Return what people find an image by: its file, or its row."""
    row = int(images.rows[position])
    return images.source.names[row] if isinstance(images.source, FilePixels) else f"row {row}"


def _at_files(found: Looks, source: FilePixels, rows: NDArray[np.int64], start: int, stop: int) -> None:
    for position in range(start, stop):
        try:
            header, pixels = source.look(int(rows[position]))
        except Unusable as fault:
            found.faults[position] = Fault(fault.kind, fault.reason)
        else:
            found.formats[position] = header.format
            _note(found, position, pixels)


def _at_rows(found: Looks, images: Images, start: int, stop: int) -> None:
    """Look at a block; where it cannot be read, at each of its images alone."""
    try:
        block = images.read(start, stop)
    except UserError as error:
        if stop - start == 1:
            found.faults[start] = Fault("damaged", str(error))
            return
        for position in range(start, stop):
            _at_rows(found, images, position, position + 1)
        return
    for position, pixels in enumerate(block, start):
        _note(found, position, pixels)


def _note(found: Looks, position: int, pixels: NDArray[np.uint8]) -> None:
    height, width, _ = pixels.shape
    digest = hashlib.sha256(f"{height}x{width}".encode() + pixels.tobytes()).digest()[:_DIGEST]
    found.digests[position] = np.void(digest)
    found.sizes[position] = height, width
    found.blank[position] = bool((pixels == pixels[0, 0]).all())
    found.nearly_blank[position] = not found.blank[position] and _varies_little(pixels)


def _varies_little(pixels: NDArray[np.uint8]) -> bool:
    # A few pixels of most images vary so much that all of them cannot vary little: the rest is not looked at.
    few = pixels[::8, ::8].reshape(-1, 3).astype(np.float64)
    enough = NEARLY_BLANK**2 * pixels.shape[0] * pixels.shape[1]
    if np.square(few - few.mean(axis=0)).sum(axis=0).max() >= enough:
        return False
    return bool((pixels.reshape(-1, 3).astype(np.float64).std(axis=0) < NEARLY_BLANK).all())
