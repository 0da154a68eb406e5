"""How often each cluster meets each label, and drawing clusters by it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts.generator import Requests
from benchmark.contracts.prompts import PromptSet
from benchmark.errors import UserError

_STREAM = 1
"""Keeps the draw of a cluster apart from the noise of the image, which has the same seed."""


def count(labels: NDArray[np.int64], clusters: NDArray[np.int64], *, classes: int, k: int) -> NDArray[np.int64]:
    """Return how many training images each label and cluster share, shape (classes, k)."""
    table = np.zeros((classes, k), np.int64)
    np.add.at(table, (labels, clusters), 1)
    return table


def of(found: PromptSet, *, classes: int) -> NDArray[np.int64]:
    """Return how many images of a prompt set each label and cluster share, shape (classes, K).

    Args:
        found: Prompts that each name a label and a cluster.
        classes: How many classes there are.
    """
    table = np.zeros((classes, int(found.clusters.max()) + 1), np.int64)
    np.add.at(table, (found.labels, found.clusters), found.counts())
    return table


def draw(requests: Requests, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a cluster for each request, by the training frequency within its label.

    Args:
        requests: N requests; each one's seed alone decides its cluster.
        counts: Training images by label and cluster, shape (C, K).

    Returns:
        Clusters, shape (N,).
    """
    edges = np.cumsum(counts, axis=1)
    points = np.array([np.random.default_rng([seed, _STREAM]).random() for seed in requests.seeds])
    # A point is a training image of the label, so that whole numbers decide and no rounding can.
    images = (points * edges[requests.labels, -1]).astype(np.int64)
    return np.array(
        [
            np.searchsorted(edges[label], image, side="right")
            for label, image in zip(requests.labels, images, strict=True)
        ],
        np.int64,
    )


def deal(requests: Requests, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a cluster for each request: those that meet its label in training, in turn.

    At every beginning of a set, the clusters of a label have been asked for equally often, give or take one, and
    request i asks for the same whatever the number of requests.

    Args:
        requests: N requests; each one's rank within its label decides its cluster.
        counts: Training images by label and cluster, shape (C, K).

    Returns:
        Clusters, shape (N,).

    Raises:
        UserError: If a label is asked for that training has no image of.
    """
    present = [np.flatnonzero(row) for row in counts]
    for label in np.unique(requests.labels):
        if len(present[label]) == 0:
            raise UserError(f"Images of '{requests.classes[label]}' are asked for, and training has none.")
    pairs = zip(requests.labels, requests.ranks, strict=True)
    return np.array([present[label][rank % len(present[label])] for label, rank in pairs], np.int64)
