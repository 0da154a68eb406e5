"""What steps say of generators, extractors, tasks and datasets: the parts that decide a result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from benchmark.contracts.roles import RealRole
from benchmark.strict import Grown, Strict


class Spec(Grown):
    """A class and its parameters. Fields marked ``exclude`` are kept out of the key."""

    name: str = Field(exclude=True)
    """The name users write; two names for one thing share results."""
    target: str
    """``module:attribute``."""
    version: int
    """Raised by the author with every change of output."""
    params: dict[str, Any] = {}
    """Keyword arguments of the class."""


class TaskSpec(Spec):
    """A family of measurements."""


class Absent(Strict):
    """Files that are not on this machine, in a plan that is only to be shown."""

    what: str
    """What they are, and from where they come."""
    bytes: int
    """About how many; 0 where that is not known."""
    remedy: str
    """What brings them."""


class ReferenceSpec(Strict):
    """An imported reference: features and labels of real images that are not on this machine."""

    digest: str
    folder: Path = Field(default=Path(), exclude=True)
    """Where it lies."""


class DatasetSpec(Spec):
    """Real images."""

    LATER = ("reference",)

    files: str | None = None
    """Digest of the files under the data root; None where the dataset makes its own."""
    root: Path | None = Field(default=None, exclude=True)
    """The user's data root; None where the dataset makes its own."""
    absent: Absent | None = Field(default=None, exclude=True)
    """Set where its files are not there, which `files` then only stands in for."""
    reference: ReferenceSpec | None = None
    """What stands in for the images; None where they are at hand. What stands on it shares no key with what stands on
    the images: it was not made here, and maybe not on this kind of device."""


class WeightsSpec(Strict):
    """Pretrained weights: a folder, and the files in it that count."""

    folder: Path = Field(exclude=True)
    """Where it is; of a file, the folder that holds it."""
    digest: str
    """Digest of its files."""
    files: tuple[str, ...] = Field(default=(), exclude=True)
    """The files that count, relative to the folder; the digest has their names."""
    is_file: bool = Field(default=False, exclude=True)
    """Whether the entry names a file, the only one that counts, rather than a folder."""
    absent: Absent | None = Field(default=None, exclude=True)
    """Set where its files are not there, which `digest` then only stands in for."""

    @property
    def place(self) -> Path:
        """Return the folder, or the file, that the entry names."""
        return self.folder / self.files[0] if self.is_file else self.folder


class ExtractorSpec(Spec):
    """A frozen network or formula."""

    LATER = ("source", "weights")

    source: str | None = None
    """Digest of the class's file, where it is a file beside the user's registry."""
    folder: Path = Field(default=Path(), exclude=True)
    """Folder that a relative target starts from."""
    weights: WeightsSpec | None = None
    """Pretrained weights, handed to the class as ``weights``."""


class PromptsSpec(Spec):
    """A resolved prompt builder."""

    source: str | None = None
    """Digest of the class's file, where it is a file beside the user's registry."""
    folder: Path = Field(exclude=True)
    """Folder that a relative target starts from."""
    guided_by: tuple[ExtractorSpec, ...] = ()
    """Extractors that it looks through."""


class GeneratorSpec(Spec):
    """A resolved variant."""

    source: str | None = None
    """Digest of the class's file, where it is a file beside the user's registry."""
    folder: Path = Field(exclude=True)
    """Folder that a relative target starts from."""
    reads: tuple[RealRole, ...] = ()
    """Real roles it may look at while sampling."""
    guided_by: tuple[ExtractorSpec, ...] = ()
    """Extractors that steer it."""
    weights: dict[str, WeightsSpec] = {}
    """Pretrained weights by name."""
