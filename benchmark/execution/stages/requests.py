"""The requests of a shard: labels by the training frequency, a seed for each image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark import seeds
from benchmark.contracts.generator import Requests
from benchmark.contracts.images import Images
from benchmark.contracts.roles import Shares
from benchmark.errors import UserError, nearest, plain


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


def frequencies(shares: Shares, train: Images) -> NDArray[np.float64]:
    """Return the share of each class among requests, shape (C,), sums to 1.

    Args:
        shares: How many of each class are asked for.
        train: The training images.

    Raises:
        UserError: If numbers are given for other classes than there are, or none above zero.
    """
    count = len(train.classes)
    if shares == "equal":
        return np.full(count, 1 / count)
    if shares == "training":
        return np.bincount(train.labels, minlength=count) / len(train)
    strange = [name for name in shares if name not in train.classes]
    if strange:
        raise UserError(f"'labels' asks for images of '{plain(strange[0])}'. {nearest(strange[0], train.classes)}")
    found = np.array([shares.get(name, 0) for name in train.classes], np.float64)
    if found.min() < 0 or not found.sum():
        raise UserError(f"'labels' asks for {shares}. Expected whole numbers by class, none below 0 and one above.")
    return found / found.sum()


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
