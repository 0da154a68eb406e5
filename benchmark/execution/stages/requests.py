"""The requests of a shard: labels by the training frequency, a seed for each image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark import seeds
from benchmark.contracts.generator import Requests


def make(*, start: int, stop: int, seed: int, frequencies: NDArray[np.float64], classes: tuple[str, ...]) -> Requests:
    """Return the requests `start` to `stop` of an image set.

    Neither suite nor variant nor the size of the set is a part of them: variants share their noise, and a larger
    set begins with the images of a smaller one.

    Args:
        start: First request.
        stop: One past the last.
        seed: The user's seed.
        frequencies: Share of each class in training, shape (C,), sums to 1.
        classes: Class names.

    Returns:
        stop - start requests.
    """
    labels = label_sequence(stop, frequencies)
    return Requests(
        index=np.arange(start, stop, dtype=np.int64),
        labels=labels[start:],
        seeds=np.array([seeds.derive(seed, "sample", index) for index in range(start, stop)], np.int64),
        ranks=_ranks(labels)[start:],
        classes=classes,
    )


def label_sequence(count: int, frequencies: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return labels whose every beginning follows the frequencies as closely as whole numbers can.

    Each place goes to the class that lacks most, the first of them on a tie.

    Args:
        count: How many.
        frequencies: Share of each class, shape (C,).

    Returns:
        Class indices, shape (count,).
    """
    given = np.zeros(len(frequencies))
    labels = np.empty(count, np.int64)
    for place in range(count):
        # Rounded, so that equal shares tie exactly and the order never hangs on the last bit.
        labels[place] = np.argmax(np.round(frequencies * (place + 1) - given, 9))
        given[labels[place]] += 1
    return labels


def _ranks(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each place how many earlier places have the same label."""
    ranks = np.empty_like(labels)
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        ranks[places] = np.arange(len(places))
    return ranks
