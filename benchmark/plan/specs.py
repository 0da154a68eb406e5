"""What steps say of generators, extractors, tasks and datasets: the parts that decide a result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from benchmark.contracts.roles import RealRole
from benchmark.strict import Strict


class Spec(Strict):
    """A class and its parameters. Fields marked ``exclude`` are kept out of the key."""

    name: str = Field(exclude=True)
    """The name users write; two names for one thing share results."""
    target: str
    """``module:attribute``."""
    version: int
    """Raised by the author with every change of output."""
    params: dict[str, Any] = {}
    """Keyword arguments of the class."""


class ExtractorSpec(Spec):
    """A frozen network or formula."""


class TaskSpec(Spec):
    """A family of measurements."""


class DatasetSpec(Spec):
    """Real images."""

    files: str | None = None
    """Digest of the files under the data root; None where the dataset makes its own."""
    root: Path | None = Field(default=None, exclude=True)
    """The user's data root; None where the dataset makes its own."""


class WeightsSpec(Strict):
    """A folder of pretrained weights."""

    folder: Path = Field(exclude=True)
    """Where it is."""
    digest: str
    """Digest of its files."""


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
