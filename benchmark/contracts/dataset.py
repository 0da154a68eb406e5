"""The contract of a dataset: real labelled images in splits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Protocol

from benchmark.contracts.images import Images
from benchmark.contracts.progress import Progress

Split = Literal["train", "valid", "test"]
"""The splits every dataset has."""


@dataclass(frozen=True)
class Identity:
    """Which data this is, as the board shows it."""

    name: str
    """Display name, such as ``PCam`` or ``PCam, unofficial copy, digest 0123456789ab``."""
    digest: str
    """Digest of the files."""
    official: bool
    """Whether the files are the released ones, byte for byte."""
    caution: str = ""
    """What must be said wherever its numbers are shown, such as that its images are not of tissue."""


@dataclass(frozen=True)
class Layout:
    """What all images of a dataset have in common."""

    classes: tuple[str, ...]
    """Class names, in the order of the label."""
    side: int
    """Side of the images in pixels; they are square."""


@dataclass(frozen=True)
class Released:
    """What is known of a published dataset before any file of it is there."""

    images: Mapping[Split, int]
    """Images of each split."""
    bytes: int
    """Bytes to download."""


class Dataset(Protocol):
    """Real images. Its parameters are the keyword arguments of its constructor.

    A class whose files are one published release tells what is known of them in `released`, a `Released`: a plan of it
    can then be shown where they are not there.
    """

    version: ClassVar[int]
    """Raised by its author whenever what it makes or reads changes."""
    summary: ClassVar[str]
    """One line on what it is."""
    made: ClassVar[bool]
    """True if `make` writes its files; False if they lie under the user's data root."""
    advice: ClassVar[str]
    """Where `made` is false: what to fetch, from where by name, and where to put it."""

    def made_bytes(self) -> int:
        """Return about how many bytes `make` writes; 0 where nothing is made."""
        ...

    def make(self, folder: Path, progress: Progress) -> None:
        """Write the files into `folder`. Only called where `made` is true."""
        ...

    def files(self, root: Path) -> list[Path]:
        """Return the files under `root` that the images come from.

        Raises:
            UserError: If one is missing: what to fetch, from where by name, and where to put it.
        """
        ...

    def layout(self, root: Path) -> Layout:
        """Return classes and size of what lies under `root`. Asked for at every step: read no pixels for it.

        Raises:
            UserError: If that cannot be told from what lies there.
        """
        ...

    def open(self, root: Path, split: Split) -> Images:
        """Return all images of a split, in the order of the files; none where the data have no such split."""
        ...

    def identify(self, root: Path) -> Identity:
        """Return which data lies under `root`."""
        ...

    def codec(self, root: Path, identity: Identity) -> str:
        """Return how the copy under `root` stores its images: ``none`` (lossless) or ``jpeg-75``."""
        ...
