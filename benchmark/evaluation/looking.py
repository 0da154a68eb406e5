"""A look at every image before any work is done: which cannot be used, and what the others are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts.progress import Progress
from benchmark.datasets import bad_images, looks, places
from benchmark.datasets.bad_images import BadImage
from benchmark.datasets.checking import hdf5
from benchmark.datasets.looks import Looks
from benchmark.datasets.places import Found
from benchmark.errors import UserError, plain

Part = Literal["synthetic", "real", "train"]
"""What images are for: the ones to be judged, real ones to judge them by, the ones their generator was trained on."""

PARTS: Mapping[Part, str] = {"synthetic": "synthetic", "real": "real", "train": "training"}
"""How people call them."""


@dataclass(frozen=True)
class Looked:
    """Images at a place, and what was seen of each."""

    part: Part
    place: Path
    found: Found
    seen: Looks
    """In the order of the table of what was found."""
    bad: tuple[BadImage, ...]
    """Those that cannot be used."""

    @property
    def name(self) -> str:
        """Return the name of the place, as the user gives it."""
        return self.place.name or self.place.resolve().name

    @property
    def beside(self) -> tuple[Path, ...]:
        """Return the file that labels lie in beside an HDF5 file, if they do."""
        return hdf5.files_beside(self.place) if self.place.suffix.lower() in (".h5", ".hdf5") else ()

    @property
    def formats(self) -> dict[str, int]:
        """Return the number of usable images of each file format; none where they lie in no files of their own."""
        found = Counter(self.seen.formats[self.usable].tolist())
        return {str(name): count for name, count in sorted(found.items()) if name}

    @property
    def blank(self) -> int:
        """Return how many usable images have one color."""
        return int(self.seen.blank[self.usable].sum())

    @property
    def usable(self) -> NDArray[np.int64]:
        """Return the positions of all others, ascending."""
        kept = np.ones(len(self.seen), bool)
        kept[[one.position for one in self.bad]] = False
        return np.flatnonzero(kept)

    @property
    def side(self) -> int:
        """Return the side of the images in pixels."""
        return int(self.seen.sizes[self.usable[0], 0])

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of usable images of each class, as it is found."""
        labels = self.found.gathering.table.labels
        return dict(sorted(Counter(labels[at] for at in self.usable.tolist()).items()))

    @property
    def skip(self) -> dict[str, str]:
        """Return the names of the images that cannot be used, and why."""
        return {one.name: f"{one.kind}: {one.reason}" for one in self.bad}

    @property
    def dangling(self) -> list[str]:
        """Return the names of those among them that are links to nothing: no file stands for them in a run."""
        return [one.name for one in self.bad if self.place.is_dir() and not (self.place / one.name).exists()]

    @property
    def redundant(self) -> int:
        """Return how many usable images have the pixels of one before them."""
        digests = self.seen.digests[self.usable]
        return len(digests) - len(np.unique(digests))


def look(part: Part, place: Path, *, labels: Path | None, duplicates: bool, progress: Progress) -> Looked:
    """Look at all images at a place.

    Args:
        part: What they are for.
        place: Where they are; see `places.find`.
        labels: Table of their labels, if it lies elsewhere.
        duplicates: Whether an image with the pixels of one before it counts as one that cannot be used.
        progress: Is told how far it is.

    Raises:
        UserError: If there are no images, none can be used, they have several sizes or are not square.
    """
    found = places.find(place, labels=labels)
    images = found.images()
    seen = looks.at(images, lambda done, total, _note="": progress(done, total, f"{PARTS[part]} images looked at"))
    try:
        bad = bad_images.find(seen, found.gathering.table.names, duplicates=duplicates)
    except UserError as error:
        raise UserError(f"{place}: {error}") from None
    looked = Looked(part, place, found, seen, bad)
    _check(looked)
    return looked


def copies(of: Looked, among: Looked) -> int:
    """Return how many usable images of one set have the very pixels, at the same size, of some image of another."""
    return int(np.isin(of.seen.digests[of.usable], among.seen.digests[among.usable]).sum())


def _check(looked: Looked) -> None:
    if not len(looked.usable):
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in Counter(one.kind for one in looked.bad).items())
        first = looked.bad[0]
        raise UserError(
            f"{looked.place}: none of {len(looked.seen):,} images can be used ({kinds}): {plain(first.name)} "
            f"{first.reason}. {_EXPECTED}"
        )
    height, width = looked.seen.sizes[looked.usable[0]].tolist()
    if height != width:
        raise UserError(f"{looked.place}: the images are {width} x {height} px. Expected square ones: crop them.")


_EXPECTED = "Expected 8-bit RGB, one image a file, all of one size."
