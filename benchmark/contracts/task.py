"""The contract of a task: one family of measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts import progress as progress_
from benchmark.contracts.images import Images
from benchmark.contracts.roles import Role
from benchmark.statistics.interval import Interval
from benchmark.statistics.jackknife import Replicates
from benchmark.statistics.subsampling import Subsamples

Direction = Literal["higher", "lower", "target", "reference"]
"""Whether more is better, less is better, or a stated value is best."""

Root = Literal["exact", "newton-schulz"]
"""How a task takes the root of the product of two covariances: by eigenvalues, or by an iteration that stops early."""


@dataclass(frozen=True)
class Metric:
    """What a number means."""

    name: str
    """Short key, such as ``fd``; recorded as ``fd.EXTRACTOR`` where features are involved."""
    title: str
    """Name for people, such as ``Fréchet distance``."""
    direction: Direction
    """Which way is better; ``reference`` for a number of the real images alone, the same for all variants."""
    bounds: tuple[float | None, float | None]
    """Least and greatest possible value; None where there is none."""
    unit: str
    """Unit, or ``1``."""
    estimand: str
    """What the interval is for."""
    definition: str
    """The formula in words, with every free choice fixed."""
    source: str
    """Paper and equation."""
    bounded_by: tuple[str, ...]
    """The control rows that bound it on a board: floor first, then ceiling."""
    blind_to: str
    """What it cannot see."""
    comparable_at: Literal["equal N", "any N"] = "equal N"
    """Whether values at unlike N may be compared."""
    compares: bool = True
    """Whether its differences between variants are findings of their own, not those of another metric again."""


@dataclass(frozen=True)
class Needs:
    """What a task measures on."""

    features: tuple[Role, ...] = ()
    """Roles whose features it needs, under every scoring extractor of the suite."""
    images: tuple[Role, ...] = ()
    """Roles whose images it needs, as the protocol hands them over."""
    baseline: bool = False
    """Whether `Task.baseline` is computed once on real images and shared by all variants."""
    labels: bool = False
    """Whether synthetic images must be of their label; a variant that draws without labels is then refused."""
    root: Root | None = None
    """The root it takes, where it takes one."""


@dataclass(frozen=True)
class Features:
    """Features of one role under one extractor."""

    values: NDArray[np.float32]
    """Shape (N, D)."""
    labels: NDArray[np.int64]
    """Class index of each row, shape (N,)."""
    slides: NDArray[np.str_] | None
    """Slide of each row, or None."""
    exact: NDArray[np.float32] | None = None
    """The first rows in full precision, shape (<= N, D), where the extractor computes in a lower one; None else."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.values)


@dataclass(frozen=True)
class Inputs:
    """What the engine hands a task."""

    features: Mapping[str, Mapping[Role, Features]]
    """By extractor, then by role."""
    images: Mapping[Role, Images]
    """By role, after the protocol's common size."""
    baseline: Path | None
    """Folder that `Task.baseline` left."""


@dataclass(frozen=True)
class TaskContext:
    """A task's surroundings."""

    seed: int
    """Seed of its randomness, derived from the user's seed; equal for all variants."""
    device: str
    """``cpu`` or ``cuda``."""
    folder: Path
    """Where `baseline` leaves what `measure` will read."""
    classes: tuple[str, ...]
    """Class names of the dataset."""
    progress: progress_.Progress = progress_.silent
    """Tells how far the work is."""


@dataclass(frozen=True)
class Value:
    """One measured number, or the reason why there is none."""

    metric: str
    """Name of the `Metric`."""
    value: float | None
    """The number; None where it was refused."""
    n: Mapping[str, int]
    """Images used, by role."""
    interval: Interval | None = None
    """For the metric's estimand."""
    extractor: str | None = None
    """Whose features, where features are involved."""
    replicates: Replicates | Subsamples | None = None
    """The statistic with parts of the rows left out, from which paired differences are computed later."""
    slides: Mapping[str, int] = field(default_factory=dict)
    """Slides those images come from, by role, where slides are known and the interval leaves them out as wholes."""
    samples: Mapping[str, float] = field(default_factory=dict)
    """Further numbers that qualify it, such as the spread over training seeds."""
    refused: str | None = None
    """Why there is no number."""
    note: str | None = None
    """What a reader must know beside it."""

    @property
    def key(self) -> str:
        """Return the metric's key, such as ``fd.random-network``."""
        return self.metric if self.extractor is None else f"{self.metric}.{self.extractor}"


class Task(Protocol):
    """A family of measurements. Its parameters are the keyword arguments of its constructor."""

    version: ClassVar[int]
    """Raised by its author whenever its numbers change."""
    summary: ClassVar[str]
    """One line on what it answers."""
    needs: ClassVar[Needs]
    """What it measures on."""
    metrics: ClassVar[tuple[Metric, ...]]
    """What it measures."""

    def baseline(self, inputs: Inputs, context: TaskContext) -> None:
        """Compute on real images what all variants share, and leave it in ``context.folder``."""
        ...

    def measure(self, inputs: Inputs, context: TaskContext) -> list[Value]:
        """Return the values, each with its interval and N."""
        ...
