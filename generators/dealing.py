"""Which image that is there already answers which request: each at most once, in an order of a seed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmark import seeds
from benchmark.contracts.generator import Batch, Requests
from benchmark.contracts.images import Images
from benchmark.errors import UserError

_BATCH = 256

WIDEN = "Lower the suite's n or widen the role."
"""What to do where a role holds too few images."""


def by_label(images: Images, requests: Requests, *, seed: int, holder: str, remedy: str = WIDEN) -> Iterator[Batch]:
    """Yield an image of each label asked for: the n-th request of a label gets the n-th image of that label.

    Args:
        images: What is dealt out.
        requests: What is asked for.
        seed: Seed of the order.
        holder: What holds the images, for messages: ``Role 'floor'``.
        remedy: What to do where it holds too few.

    Raises:
        UserError: If there are fewer images of a label than are asked for.
    """
    order = [
        seeds.generator(seed, "real", label).permutation(np.flatnonzero(images.labels == label))
        for label in range(len(images.classes))
    ]
    for batch in requests.batches(_BATCH):
        for label in np.unique(batch.labels):
            asked = batch.labels == label
            what = f"images of '{requests.classes[label]}'"
            _check(batch.ranks[asked], batch.index[asked], len(order[label]), holder, what, remedy)
        pairs = zip(batch.labels, batch.ranks, strict=True)
        yield _taken(images, np.array([order[label][rank] for label, rank in pairs], np.int64))


def of_any_label(images: Images, requests: Requests, *, seed: int, holder: str, remedy: str = WIDEN) -> Iterator[Batch]:
    """Yield images in a random order that knows no labels: request i of the set gets image i of the order.

    Args: As for `by_label`.

    Raises:
        UserError: If there are fewer images than are asked for.
    """
    order = seeds.generator(seed, "label shuffle").permutation(len(images))
    for batch in requests.batches(_BATCH):
        _check(batch.index, batch.index, len(order), holder, "images", remedy)
        yield _taken(images, order[batch.index].astype(np.int64))


def _check(
    places: NDArray[np.int64], index: NDArray[np.int64], count: int, holder: str, what: str, remedy: str
) -> None:
    """Refuse requests for places beyond the images that are there; the first one is named."""
    beyond = index[places >= count]
    if len(beyond):
        raise UserError(
            f"{holder} holds {count} {what}, but the suite asks for more (image {int(beyond[0])}). {remedy}"
        )


def _taken(images: Images, rows: NDArray[np.int64]) -> Batch:
    """Return the images at positions `rows`, with their slides where they are known."""
    chosen = images.take(rows, digest="a batch")
    slides = None if chosen.slides is None else chosen.slides.tolist()
    return Batch(images=chosen.read(0, len(chosen)), slides=slides)
