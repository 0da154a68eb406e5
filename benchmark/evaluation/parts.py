"""The parts that real images were dealt out to: what they hold, and what they share and should not."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts.images import Images
from benchmark.datasets.given import Given
from benchmark.datasets.splits import SPLITS, Split
from benchmark.errors import UserError, plain
from benchmark.evaluation import counting
from benchmark.evaluation.looking import Looked
from benchmark.evaluation.writing import ROLES
from benchmark.suite.schema import RoleEntry

LEAST = 2
"""Images of each class that training and test need, and images at all that the reference does."""
CALLED: Mapping[Split, str] = {"train": "training", "valid": "reference and floor", "test": "test"}
"""What a split is for."""


@dataclass(frozen=True)
class Parts:
    """Real images by split, with a digest of the pixels of each."""

    images: Mapping[Split, Images]
    pixels: Mapping[Split, NDArray[np.str_]]

    @classmethod
    def of(cls, given: Given, root: Path, real: Looked, train: Looked | None) -> Parts:
        """Open what lies under a root that names the places of sets that were looked at."""
        images = {split: given.open(root, split) for split in SPLITS}
        pixels = {}
        for split, part in images.items():
            looked = train if split == "train" and train is not None else real
            digests = looked.seen.digests[looked.usable][part.rows]
            pixels[split] = np.array([digest.tobytes().hex() for digest in digests], "U32")
        return cls(images, pixels)

    def floor(self) -> int:
        """Return the most images that the floor can hand out."""
        entry = RoleEntry(split=ROLES["floor"]["split"], part=tuple(ROLES["floor"]["part"]))
        return counting.floor_holds(self.images["train"], self.images["valid"], self.pixels["valid"], entry)

    def shared(self) -> list[str]:
        """Return what two parts have in common and should not, a sentence each: numbers are flattered by it."""
        told = []
        for one, other in itertools.combinations(SPLITS, 2):
            both = f"the {CALLED[one]} and the {CALLED[other]} images"
            same = int(np.isin(self.pixels[other], self.pixels[one]).sum())
            if same:
                told.append(
                    f"{same:,} of the {CALLED[other]} images are among the {CALLED[one]} images, pixel by pixel."
                )
            first, second = self.images[one].slides, self.images[other].slides
            if first is not None and second is not None and (slides := len(np.intersect1d(first, second))):
                told.append(f"{slides:,} slides have images among both {both}.")
        return told

    def require(self, where: Path, *, learnt: bool) -> None:
        """Refuse parts with too few images to measure anything by.

        Args:
            where: What is read, for messages.
            learnt: Whether a classifier learns from them.

        Raises:
            UserError: With what is there, and what is needed.
        """
        many = "Bring more real images, or splits of your own (folders train, valid, test)."
        if len(self.images["valid"]) < 2 * LEAST:
            raise UserError(
                f"{where}: of its images {len(self.images['valid']):,} are for reference and floor. Expected "
                f"{2 * LEAST} at least. {many}"
            )
        for split in ("train", "test") if learnt else ():
            part = self.images[split]
            counts = np.bincount(part.labels, minlength=len(part.classes))
            if counts.min() < LEAST:
                name = plain(part.classes[int(counts.argmin())])
                raise UserError(
                    f"{where}: of the {len(part):,} images for {CALLED[split]} {int(counts.min())} are of '{name}'. "
                    f"Expected {LEAST} of each class at least. {many}"
                )
