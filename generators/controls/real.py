"""Real images in the place of synthetic ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark import seeds
from benchmark.contracts.context import Context
from benchmark.contracts.generator import Batch, Requests
from benchmark.contracts.images import Images
from benchmark.contracts.roles import RealRole
from benchmark.errors import UserError


@dataclass(frozen=True)
class Real:
    """Hands out real images of a role, each once, by the label asked for.

    With role ``floor`` this is the real-against-real floor at the same N as every other row.
    """

    role: RealRole = "floor"
    """The role whose images are handed out."""

    def fit(self, train: Images, context: Context) -> None:
        """Learn nothing."""

    def sample(self, requests: Requests, context: Context) -> Iterator[Batch]:
        """Yield one real image per request.

        Raises:
            UserError: If the role holds fewer images of a label than are asked for.
        """
        images = context.images(self.role)
        order = _order(images, context.seed)
        for batch in requests.batches(256):
            rows = [self._row(order, batch, place) for place in range(len(batch))]
            chosen = images.take(np.array(rows, np.int64), digest="a batch")
            slides = None if chosen.slides is None else chosen.slides.tolist()
            yield Batch(images=chosen.read(0, len(chosen)), slides=slides)

    def _row(self, order: list[NDArray[np.int64]], requests: Requests, place: int) -> int:
        """Return the image for one request: the n-th request of a label gets the n-th image of that label."""
        label, rank = int(requests.labels[place]), int(requests.ranks[place])
        if rank >= len(order[label]):
            raise UserError(
                f"Role '{self.role}' holds {len(order[label])} images of '{requests.classes[label]}', but the suite "
                f"asks for more (image {int(requests.index[place])}). Lower the suite's n or widen the role."
            )
        return int(order[label][rank])


def _order(images: Images, seed: int) -> list[NDArray[np.int64]]:
    """Return for each class the positions of its images, in a random order of the seed."""
    return [
        seeds.generator(seed, "real", label).permutation(np.flatnonzero(images.labels == label))
        for label in range(len(images.classes))
    ]
