"""The contract of a generator: one class, two methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts.images import Images

if TYPE_CHECKING:
    from benchmark.contracts.context import Context


@dataclass(frozen=True)
class Requests:
    """What to sample: one row per image. Row i is the same whatever the number of rows."""

    index: NDArray[np.int64]
    """Position of each image in the set, shape (N,)."""
    labels: NDArray[np.int64]
    """Class index to draw, shape (N,)."""
    seeds: NDArray[np.int64]
    """Seed of each image's own noise, shape (N,), in [0, 2**63)."""
    ranks: NDArray[np.int64]
    """How many earlier requests of the set have the same label, shape (N,)."""
    classes: tuple[str, ...]
    """Class names; the label indexes this tuple."""

    def __len__(self) -> int:
        """Return the number of images asked for."""
        return len(self.index)

    def batches(self, size: int) -> Iterator[Requests]:
        """Yield the requests in order in blocks of at most `size`."""
        for start in range(0, len(self), size):
            yield self.part(start, start + size)

    def part(self, start: int, stop: int) -> Requests:
        """Return the requests at positions `start` to `stop`."""
        rows = slice(start, stop)
        return Requests(self.index[rows], self.labels[rows], self.seeds[rows], self.ranks[rows], self.classes)


class Batch(NamedTuple):
    """Images made for consecutive requests."""

    images: NDArray[np.uint8]
    """uint8 RGB, shape (B, H, W, 3), in the order of the requests."""
    prompts: Sequence[str] | None = None
    """What each image was asked for with, where there was a prompt."""
    slides: Sequence[str] | None = None
    """The slide each image is from: for controls that hand out real ones, whose patches are not independent."""


@dataclass(frozen=True)
class Effort:
    """What a generator's work is counted in, so that a plan can tell how much there is before any was measured."""

    fit_steps: int | None = None
    """Optimizer steps of a fit; None where it is not counted so."""
    image_steps: int | None = None
    """Sampling steps of an image; None where it is not counted so."""


class Generator(Protocol):
    """Draws synthetic images. Its parameters are the keyword arguments of its constructor.

    `fit` and `sample` may run in different processes: whatever `sample` needs, `fit` leaves in
    ``context.folder``. Each image's randomness comes from its own request's seed alone, so that neither batch
    size nor the number of requests changes an image.

    A class whose images are not of the label asked for says so with ``labelled = False``; tasks that need labels are
    then refused. One whose work goes by steps may tell how many by a property ``effort``, an `Effort`.
    """

    def fit(self, train: Images, context: Context) -> None:
        """Learn from real images. Not called for a variant without ``fits_on``."""
        ...

    def sample(self, requests: Requests, context: Context) -> Iterator[Batch]:
        """Yield images in the order of the requests, in batches of any size."""
        ...


def is_labelled(factory: object) -> bool:
    """Tell whether the images of a generator's class are of the label asked for."""
    return bool(getattr(factory, "labelled", True))


def effort_of(factory: Callable[..., object], params: Mapping[str, Any]) -> Effort:
    """Return how much work there is for a generator's class with its parameters, as far as it tells."""
    return cast(Effort, factory(**params).effort) if hasattr(factory, "effort") else Effort()  # type: ignore[attr-defined]
