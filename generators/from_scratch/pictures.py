"""Training images brought to size once, in a file that is read in any order."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark import atomic, digests
from benchmark.contracts.images import Images
from benchmark.contracts.progress import Progress
from benchmark.errors import UserError
from benchmark.protocol import pixels

_BLOCK = 512


def kept(images: Images, side: int, folder: Path, progress: Progress) -> NDArray[np.uint8]:
    """Return all images at `side` pixels, mapped from a file in `folder`, which is named by what it holds.

    A training draws single images at random, which a file of compressed blocks gives a hundred times slower.

    Args:
        images: The images; each is read once, in order.
        side: Side in pixels.
        folder: Survives a kill.
        progress: Tells how far it is.

    Returns:
        uint8 RGB, shape (N, side, side, 3).

    Raises:
        UserError: If the disk has no room for them.
    """
    shape = (len(images), side, side, 3)
    place = folder / f"pictures-{digests.of_value([images.digest, *shape])[:16]}.bin"
    if not place.exists():
        _require_room(folder, int(np.prod(shape)))
        aside = place.with_name(f"{place.name}.part")
        with aside.open("wb") as stream:
            for start in range(0, len(images), _BLOCK):
                block = images.read(start, min(start + _BLOCK, len(images)))
                stream.write(pixels.resize(block, side, "lanczos").tobytes())
                progress(start + len(block), len(images), "images read")
            atomic.sync(stream)
        aside.replace(place)
    mapped: np.memmap[Any, np.dtype[np.uint8]] = np.memmap(place, np.uint8, mode="r", shape=shape)
    return mapped


def _require_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise UserError(
            f"The training images take {needed / 1e9:.1f} GB while a fit lasts; {free / 1e9:.1f} GB are free in "
            f"{folder}. Make room, put the store elsewhere (--store), or let"
            " the suite train on fewer ('n' of the role 'train')."
        )
