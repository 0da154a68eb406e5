"""Training images handed out as if they were new: what a generator that memorizes scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Batch, Requests
from benchmark.contracts.images import Images
from benchmark.contracts.roles import RealRole
from generators.controls.real import Real

_STREAM = 2
"""Keeps the jitter apart from other uses of a request's seed."""


@dataclass(frozen=True)
class Copycat:
    """Hands out training images, each once, by the label asked for: exact copies, or lightly jittered ones.

    It looks faithful and varied, and works as training data, without having made anything: only a metric that looks
    at the training images can tell.
    """

    role: RealRole = "train"
    """The role that is copied."""
    turns: bool = False
    """Whether a copy is mirrored and turned into one of the eight positions of a square."""
    shift: Annotated[int, Field(ge=0)] = 0
    """Pixels by which a copy is moved at most, along each axis; what is missing at the edge is mirrored."""
    color: Annotated[int, Field(ge=0, le=255)] = 0
    """Gray levels by which each channel is raised or lowered at most."""

    def fit(self, train: Images, context: Context) -> None:
        """Learn nothing by heart: `sample` reads the role."""

    def sample(self, requests: Requests, context: Context) -> Iterator[Batch]:
        """Yield one copy per request, jittered by the request's own seed.

        Raises:
            UserError: If the role holds fewer images of a label than are asked for.
        """
        for batch in requests.batches(256):
            for real in Real(self.role).sample(batch, context):
                copies = [self._jittered(*pair) for pair in zip(real.images, batch.seeds, strict=True)]
                yield real._replace(images=np.stack(copies))

    def _jittered(self, image: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
        """Return a copy; every parameter takes its draws whether it is set or not, so that they do not move others."""
        rng = np.random.default_rng([int(seed), _STREAM])
        turns, mirrored = int(rng.integers(4)), bool(rng.integers(2))
        down, right = (int(step) for step in rng.integers(-self.shift, self.shift + 1, 2))
        levels = rng.integers(-self.color, self.color + 1, 3)
        if self.turns:
            image = np.rot90(image, turns)
            image = image[:, ::-1] if mirrored else image
        return _colored(_moved(image, down, right, self.shift), levels)


def _moved(image: NDArray[np.uint8], down: int, right: int, most: int) -> NDArray[np.uint8]:
    """Return an image moved by less than `most` pixels either way, mirrored beyond its edge."""
    height, width, _ = image.shape
    padded = np.pad(image, ((most, most), (most, most), (0, 0)), mode="reflect")
    return padded[most - down : most - down + height, most - right : most - right + width]


def _colored(image: NDArray[np.uint8], levels: NDArray[np.int64]) -> NDArray[np.uint8]:
    return np.clip(image + levels, 0, 255).astype(np.uint8)
