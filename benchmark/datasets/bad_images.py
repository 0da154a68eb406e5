"""Which images of a set cannot be used, each with its reason, before any work is done on the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.datasets import image_files
from benchmark.datasets.image_reader import Kind
from benchmark.datasets.looks import Looks
from benchmark.errors import UserError


class BadImage(NamedTuple):
    """An image that cannot be used."""

    position: int
    """Among those looked at."""
    name: str
    kind: Kind
    reason: str
    """Stands for itself behind the name."""


def find(looks: Looks, names: Sequence[str], *, duplicates: bool = True) -> tuple[BadImage, ...]:
    """Return the images that cannot be used, in their order: the others are sound, of one size, and all different.

    Args:
        looks: What was seen of them.
        names: What people find each by.
        duplicates: Whether an image with the very pixels of one before it is among them.

    Raises:
        UserError: If no size is that of more than half of the images: which of them is meant is not for us to guess.
    """
    found = [BadImage(at, names[at], fault.kind, fault.reason) for at, fault in looks.faults.items()]
    if looks.usable.any():
        found += _odd(looks, names)
        if duplicates:
            found += _repeated(looks, names)
    worst = {bad.position: bad for bad in reversed(found)}
    return tuple(worst[position] for position in sorted(worst))


def sizes(looks: Looks) -> dict[tuple[int, int], NDArray[np.int64]]:
    """Return the positions of the images of each height and width, the commonest size first."""
    of = list(map(tuple, looks.sizes.tolist()))
    counts = Counter(size for size in of if size != (0, 0))
    return {
        (height, width): np.flatnonzero((looks.sizes == (height, width)).all(axis=1))
        for (height, width), _ in counts.most_common()
    }


def groups(looks: Looks) -> list[NDArray[np.int64]]:
    """Return the positions of images with the same pixels, for each such group of two or more, by the first."""
    usable = np.flatnonzero(looks.usable)
    _, of, counts = np.unique(looks.digests[usable], return_inverse=True, return_counts=True)
    order = np.argsort(of, kind="stable")
    parts = np.split(usable[order], np.cumsum(counts)[:-1])
    return sorted((part for part in parts if len(part) > 1), key=lambda part: int(part[0]))


def _odd(looks: Looks, names: Sequence[str]) -> list[BadImage]:
    by_size = sizes(looks)
    (height, width), usual = next(iter(by_size.items()))
    total = int(looks.usable.sum())
    if 2 * len(usual) <= total:
        told = image_files.in_words({size: [names[at] for at in places] for size, places in by_size.items()})
        raise UserError(
            f"The images mix sizes: {', '.join(f'{size} ({what})' for size, what in told.items())}. Expected one size "
            "in a set: give each a folder."
        )
    return [
        BadImage(int(at), names[at], "size", f"{w} x {h} px, where {len(usual):,} are {width} x {height} px")
        for (h, w), places in by_size.items()
        for at in places
        if (h, w) != (height, width)
    ]


def _repeated(looks: Looks, names: Sequence[str]) -> list[BadImage]:
    return [
        BadImage(int(at), names[at], "duplicate", f"has the pixels of {names[group[0]]}")
        for group in groups(looks)
        for at in group[1:]
    ]
