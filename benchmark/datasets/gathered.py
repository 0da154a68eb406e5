"""What datasets have in common whose images are the user's: read once, labels numbered, splits dealt out."""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from benchmark import digests
from benchmark.contracts import dataset, images
from benchmark.datasets import dealing, labels, splits, stored_codec
from benchmark.datasets.brought import Brought
from benchmark.datasets.labels import ClassWords, Table
from benchmark.datasets.splits import SPLITS, Split
from benchmark.errors import UserError

OWN = "There is no release that these images could be checked against."
"""What is said of all images that a user brings."""


@dataclass(frozen=True)
class Gathering:
    """What lies at a place."""

    place: Path
    source: images.PixelSource
    table: Table
    files: Sequence[Path]
    """All files on disk that decide pixels, labels, slides or splits."""
    state: Callable[[], str]
    """Returns a digest that changes with the files, on this machine."""
    size: Callable[[], tuple[int, int]]
    """Returns height and width of the images."""
    is_jpeg: bool = False
    """Whether all of it are JPEG files."""


class Gathered(Brought, abc.ABC):
    """Base of such datasets. A subclass says what it is and gathers what lies under a root."""

    summary: ClassVar[str]
    version: ClassVar[int] = 1

    def __init__(
        self,
        *,
        path: str,
        classes: ClassWords | None,
        sizes: dealing.Sizes | None,
        seed: int,
        codec: stored_codec.Codec | Literal["detect"],
    ) -> None:
        """Keep what subclasses are given; see there.

        Raises:
            UserError: If the path leads out of the data root, or sizes are none.
        """
        where = f"dataset '{self.name}'"
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise UserError(
                f"{where}: key 'path' is '{path}'. Expected a place below --data-root, such as 'my-images'."
            )
        dealing.check(sizes or dealing.DEFAULT, where)
        self._path, self._classes, self._sizes, self._seed, self._codec = path, classes, sizes, seed, codec
        self._bound: dict[Path, Bound] = {}

    def files(self, root: Path) -> list[Path]:
        """Return the files under `root` that decide pixels, labels, slides or splits.

        Raises:
            UserError: If they are not there, or do not tell the classes.
        """
        return list(self._of(root).gathering.files)

    def layout(self, root: Path) -> dataset.Layout:
        """Return the classes that are found, and the size that the first image announces.

        Raises:
            UserError: If there are no images, or they are not square.
        """
        found = self._of(root)
        height, width = found.gathering.size()
        if height != width:
            raise UserError(
                f"{found.gathering.place}: the images are {width} x {height} px. Expected square ones: crop them."
            )
        return dataset.Layout(classes=found.classes, side=width)

    def open(self, root: Path, split: Split) -> images.Images:
        """Return all images of a split, sorted by name; none where the data have no such split.

        Raises:
            UserError: If they are not there, or labels and splits cannot be told.
        """
        return self._of(root).images(self._of(root).rows[split])

    def everything(self, root: Path) -> images.Images:
        """Return all images of all splits, sorted by name.

        Raises:
            UserError: As for `open`.
        """
        found = self._of(root)
        return found.images(np.arange(len(found.labels)))

    def brings_splits(self, root: Path) -> bool:
        """Tell whether the data come in splits, rather than that they are dealt out here.

        Raises:
            UserError: As for `open`.
        """
        return self._of(root).gathering.table.splits is not None

    def identify(self, root: Path) -> dataset.Identity:
        """Return which images lie under `root`; every file is read."""
        gathering = self._of(root).gathering
        base = gathering.place if gathering.place.is_dir() else gathering.place.parent
        digest = digests.of_files(
            {path.relative_to(base).as_posix(): digests.of_file(path) for path in gathering.files}
        )
        return dataset.Identity(
            name=f"{self._title(gathering)}, digest {digest[:12]}",
            digest=digest,
            official=False,
            caution=" ".join([OWN, *self._cautions(gathering.table)]),
        )

    def codec(self, root: Path, identity: dataset.Identity) -> str:
        """Return how the images are stored: what their pixels tell where all are JPEG files, or what is stated of them.

        Raises:
            UserError: If splits are stored in unlike ways, or not as stated.
        """
        gathering = self._of(root).gathering
        if self._codec == "detect" and not gathering.is_jpeg:
            return "none"
        opened = {split: self.open(root, split) for split in SPLITS}
        return stored_codec.agreed(
            opened, stated=self._codec, dataset=self.name, place=lambda split: f"{gathering.place}, split '{split}'"
        )

    @abc.abstractmethod
    def _gather(self, root: Path) -> Gathering:
        """Return what lies under a root."""

    def _title(self, gathering: Gathering) -> str:
        """Return what boards call these images."""
        return gathering.place.resolve().name

    def _cautions(self, table: Table) -> list[str]:
        """Return what is to be said of the splits wherever a number stands."""
        return dealing.cautions(table, self._seed)

    def _of(self, root: Path) -> Bound:
        if root not in self._bound:
            try:
                gathering = self._gather(root)
            except OSError as error:
                raise UserError(f"{error.filename} cannot be read: {error.strerror}.") from None
            self._bound[root] = Bound(gathering, self._classes, self._sizes or dict(dealing.DEFAULT), self._seed)
        return self._bound[root]


@dataclass(frozen=True)
class Bound:
    """Images at a place with their classes and splits: looked at once, however often they are asked for."""

    gathering: Gathering
    words: ClassWords | None
    """As for `labels.numbered`."""
    sizes: dealing.Sizes
    seed: int

    @cached_property
    def _numbered(self) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        return labels.numbered(self.gathering.table, self.words, str(self.gathering.place))

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the class names, in the order of the label."""
        return self._numbered[0]

    @property
    def labels(self) -> NDArray[np.int64]:
        """Return the label of each image, shape (N,)."""
        return self._numbered[1]

    @cached_property
    def rows(self) -> dict[Split, NDArray[np.int64]]:
        """Return the rows of each split, as the data bring them or as they are dealt out."""
        table = self.gathering.table
        if table.splits is not None:
            of = np.array(table.splits)
            return {split: np.flatnonzero(of == split) for split in splits.SPLITS}
        return dealing.deal(
            table.names, self.labels, table.slides, sizes=self.sizes, seed=self.seed, where=str(self.gathering.place)
        )

    def images(self, rows: NDArray[np.int64]) -> images.Images:
        """Return the images at some rows."""
        slides = self.gathering.table.slides
        labels_ = self.labels[rows]
        return images.Images(
            source=self.gathering.source,
            rows=rows,
            labels=labels_,
            classes=self.classes,
            slides=None if slides is None else np.array(slides, np.str_)[rows],
            digest=digests.of_value([self.gathering.state(), self.classes, rows.tolist(), labels_.tolist()]),
        )
