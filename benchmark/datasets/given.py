"""Real images as someone has them, for `bench evaluate`: one place, or one for training and one for all else."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal, get_args

import numpy as np

from benchmark import digests
from benchmark.contracts.dataset import Identity, Layout
from benchmark.contracts.images import Images
from benchmark.datasets import dealing, places, stored_codec
from benchmark.datasets.brought import Brought
from benchmark.datasets.gathered import OWN, Bound, Gathering
from benchmark.datasets.splits import SPLITS, Split
from benchmark.errors import UserError

Place = Literal["real", "train"]
"""Real images, and those that a generator was trained on."""
PLACES: tuple[Place, ...] = get_args(Place)

TABLE = ".labels"
"""Stands behind a place's name in that of its table of labels: ``real.labels.csv``."""

ALONE: dealing.Sizes = {"train": 0.25, "valid": 0.5, "test": 0.25}
"""How real images are dealt out where there is one place: the reference and the floor are halves of ``valid``."""
BESIDE_TRAIN: dealing.Sizes = {"valid": 0.8, "test": 0.2}
"""The same where training images lie at a place of their own."""


class Given(Brought):
    """Real images under a root that names their places: ``real``, and at will ``train``.

    Each is a folder or a file (`benchmark.datasets.places`), or a link to one, named `real` or `real.zip` and so on;
    beside it at will a table of its labels, `real.labels.csv`.
    """

    name: ClassVar[str] = "given"
    summary: ClassVar[str] = "Real images as `bench evaluate` is given them: a folder, zip, npz, npy or HDF5 file."
    version: ClassVar[int] = 1
    advice: ClassVar[str] = "It is what `bench evaluate SYNTHETIC --real REAL [--train TRAIN]` writes suites for."

    def __init__(
        self,
        *,
        labelled: bool = True,
        sizes: dealing.Sizes | None = None,
        seed: int = 0,
        skip: dict[Place, dict[str, str]] | None = None,
        told: list[str] | None = None,
    ) -> None:
        """Say what is to be made of what lies at the places.

        Args:
            labelled: Whether the labels are used. Without them all images are of one class.
            sizes: Of the splits, where the data bring none; `ALONE` or `BESIDE_TRAIN` if left out.
            seed: Of dealing out.
            skip: Images that are left out, by place, and why.
            told: Sentences that must stand wherever a number of these images does.

        Raises:
            UserError: If sizes are none.
        """
        dealing.check(sizes or ALONE, f"dataset '{self.name}'")
        self._labelled, self._sizes, self._seed = labelled, sizes, seed
        self._skip, self._told = skip or {}, told or []
        self._opened: dict[Path, _Opened] = {}

    def files(self, root: Path) -> list[Path]:
        """Return the files under `root` that decide pixels, labels, slides or splits.

        Raises:
            UserError: If they are not there, or do not tell the classes.
        """
        return [path for bound in self._of(root).all for path in bound.gathering.files]

    def layout(self, root: Path) -> Layout:
        """Return the classes that are found, and the size that the first image announces.

        Raises:
            UserError: If the images are not square, or those of the two places are not of one size.
        """
        found = self._of(root)
        sizes = [bound.gathering.size() for bound in found.all]
        height, width = sizes[0]
        if height != width:
            raise UserError(f"{found.name}: the images are {width} x {height} px. Expected square ones: crop them.")
        if len(set(sizes)) > 1:
            raise UserError(
                f"The training images are {sizes[1][1]} x {sizes[1][0]} px, the other real ones {width} x {height} px. "
                "Expected one size: bring them to it first."
            )
        return Layout(classes=found.classes, side=width)

    def open(self, root: Path, split: Split) -> Images:
        """Return all images of a split, sorted by name.

        Raises:
            UserError: If they are not there, or labels and splits cannot be told.
        """
        return self._of(root).open(split)

    def identify(self, root: Path) -> Identity:
        """Return which images lie under `root`; every file is read."""
        found = self._of(root)
        digest = digests.of_files(
            {path.relative_to(root).as_posix(): digests.of_file(path) for path in self.files(root)}
        )
        return Identity(
            name=f"{found.name}, digest {digest[:12]}",
            digest=digest,
            official=False,
            caution=" ".join([OWN, *found.cautions(self._seed), *self._told]),
        )

    def codec(self, root: Path, identity: Identity) -> str:
        """Return how the images are stored: what their pixels tell where all are JPEG files, else ``none``.

        Raises:
            UserError: If splits are stored in unlike ways.
        """
        found = self._of(root)
        if not all(bound.gathering.is_jpeg for bound in found.all):
            return "none"
        opened = {split: self.open(root, split) for split in SPLITS}
        return stored_codec.agreed(
            opened, stated="detect", dataset=self.name, place=lambda split: f"{found.name}, split '{split}'"
        )

    def _of(self, root: Path) -> _Opened:
        if root not in self._opened:
            found = {place: self._found(root, place) for place in PLACES if place_of(root, place) is not None}
            if "real" not in found:
                raise UserError(f"{root} names no place of real images. {self.advice}")
            self._opened[root] = _Opened(found["real"], found.get("train"), self._sizes, self._seed)
        return self._opened[root]

    def _found(self, root: Path, place: Place) -> places.Found:
        where = place_of(root, place)
        assert where is not None
        table = next(iter(sorted(root.glob(f"{place}{TABLE}.*"))), None)
        found = places.find(where, labels=table, without=self._skip.get(place, {}))
        if not self._labelled:
            return found.without_labels()
        if not found.is_labelled:
            raise UserError(f"{where.resolve()}: nothing tells the classes of the images.")
        return found


def place_of(root: Path, place: Place) -> Path | None:
    """Return where the images of a place are under a root; None where it names none.

    Of an HDF5 file whose labels lie in another, as PCam's do, both are named: `real_x.h5` and `real_y.h5`.
    """
    named = [
        path for path in sorted(root.glob(f"{place}*")) if path.name == place or path.stem in (place, f"{place}_x")
    ]
    return named[0] if named else None


def named(place: Path) -> str:
    """Return the name of what a link under a root leads to, as the user gave it."""
    return (place.readlink() if place.is_symlink() else place.resolve()).name


class _Opened:
    """What lies under a root."""

    def __init__(self, real: places.Found, train: places.Found | None, sizes: dealing.Sizes | None, seed: int) -> None:
        sizes = sizes or (ALONE if train is None else BESIDE_TRAIN)
        self.real = Bound(real.gathering, None, sizes, seed)
        words = list(self.real.classes)
        self.train = None if train is None else Bound(_checked(train, words), words, sizes, seed)
        self._check_splits()

    @property
    def all(self) -> list[Bound]:
        """Return what lies at each place."""
        return [self.real] if self.train is None else [self.real, self.train]

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the classes, which are those of the real images."""
        return self.real.classes

    @cached_property
    def name(self) -> str:
        """Return what boards call the images."""
        names = [named(bound.gathering.place) for bound in self.all]
        return names[0] if len(names) == 1 else f"{names[0]}, trained on {names[1]}"

    def open(self, split: Split) -> Images:
        """Return the images of a split; those of training lie at a place of their own, if there is one."""
        if split == "train" and self.train is not None:
            return self.train.images(np.arange(len(self.train.labels)))
        return self.real.images(self.real.rows[split])

    def cautions(self, seed: int) -> list[str]:
        """Return what is to be said of the splits wherever a number stands."""
        return dealing.cautions(self.real.gathering.table, seed)

    def _check_splits(self) -> None:
        """Refuse real images that come in other splits than are needed."""
        if self.real.gathering.table.splits is None:
            return
        there = {split for split in SPLITS if len(self.real.rows[split])}
        wanted = {"valid", "test"} if self.train is not None else set(SPLITS)
        if there != wanted:
            beside = " beside training images at a place of their own" if self.train is not None else ""
            raise UserError(
                f"{self.real.gathering.place.resolve()} comes in the splits {', '.join(sorted(there))}. Expected "
                f"{', '.join(split for split in SPLITS if split in wanted)}{beside}, or none at all: then they are "
                "dealt out."
            )


def _checked(train: places.Found, words: list[str]) -> Gathering:
    """Return what lies at the place of training images; refuse classes that the real images do not have."""
    gathering = train.gathering
    strange = sorted(set(gathering.table.labels) - set(words))
    missing = sorted(set(words) - set(gathering.table.labels))
    if strange or missing:
        what = f"the class '{strange[0]}', which the real images lack" if strange else f"no image of '{missing[0]}'"
        raise UserError(
            f"{gathering.place.resolve()} holds {what}. Expected the same classes at both places: {', '.join(words)}."
        )
    return gathering
