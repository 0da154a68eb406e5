"""As many images of every prompt: the study's search, and an exact one of ours for sets of any size.

The study's release searches totals of 50,000, 55,000, ... for the largest that the commonest prompts of each class can
fill with equal counts. Its training, test and validation shares of 50 : 5 : 1 only round the total here: they are dealt
out by image, across slides, and our suites have splits of their own. That ties go to the lower cluster, and more than
two classes, are ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError
from generators.morphology.clusters import STUDY_SEED

STUDY_TOTALS = range(50_000, 1_000_000, 5_000)
"""Totals that the study's release tries, up to the first that cannot be filled."""
STUDY_FEWEST = 11
"""Fewest prompts a class that the study's release allows: more than 10."""

_SHARES = (50 / 56, 5 / 56, 1 / 56)


@dataclass(frozen=True)
class Share:
    """How much of each prompt is taken."""

    prompts: int
    """Prompts a class: its most populated ones."""
    each: int
    """Images a prompt."""


def studys(counts: NDArray[np.int64]) -> Share:
    """Return the share that the study's release takes.

    Args:
        counts: Images by label and cluster, shape (C, K).

    Raises:
        UserError: If not even the least total can be filled.
    """
    ordered = _descending(counts)
    found = None
    for total in STUDY_TOTALS:
        # The release looks no further than the first total that cannot be filled, or that is more than there is.
        share = _filled(ordered, total) if total <= counts.sum() else None
        if share is None:
            break
        found = share
    if found is None:
        raise UserError(
            f"{int(counts.sum())} images cannot be balanced as in the study: it takes {STUDY_TOTALS.start} or more of "
            f"{STUDY_FEWEST} or more prompts a class, equally many of each. Balance for the largest set there is."
        )
    return found


def largest(counts: NDArray[np.int64], *, fewest: int = 1) -> Share:
    """Return the share that keeps most images, of equal numbers the one with more prompts; ours.

    Args:
        counts: Images by label and cluster, shape (C, K).
        fewest: Fewest prompts a class.

    Raises:
        UserError: If a class has images of fewer prompts.
    """
    least = _descending(counts).min(axis=0)
    totals = np.arange(1, len(least) + 1) * least
    totals[: fewest - 1] = 0
    if not totals.any():
        raise UserError(
            f"No {fewest} prompts a class have an image each: the classes have images in "
            f"{', '.join(map(str, (counts > 0).sum(axis=1)))} clusters. Ask for fewer."
        )
    prompts = len(least) - int(np.argmax(totals[::-1]))
    return Share(prompts, int(least[prompts - 1]))


def draw(
    labels: NDArray[np.int64],
    clusters: NDArray[np.int64],
    counts: NDArray[np.int64],
    share: Share,
    *,
    seed: int = STUDY_SEED,
) -> NDArray[np.int64]:
    """Return the rows of a balanced set, drawn without replacement from each prompt.

    The draw from each prompt begins with the same seed, as in the study's release, and is the one of `pandas.sample`.

    Args:
        labels: Shape (N,).
        clusters: Shape (N,).
        counts: Images by label and cluster, shape (C, K).
        share: How much is taken.
        seed: Of the draws.

    Returns:
        Row numbers, rising, shape (C * prompts * each,).
    """
    found = []
    for label, row in enumerate(counts):
        for cluster in np.argsort(-row, kind="stable")[: share.prompts]:
            members = np.flatnonzero((labels == label) & (clusters == cluster))
            # The generator that pandas makes of a seed; a local one.
            chosen = np.random.RandomState(seed).choice(len(members), size=share.each, replace=False)
            found.append(members[chosen])
    return np.sort(np.concatenate(found))


def _descending(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return -np.sort(-counts, axis=1)


def _filled(ordered: NDArray[np.int64], total: int) -> Share | None:
    """Return the share with most prompts that a total can be filled with; None where there is none."""
    parts = [int(total * share) for share in _SHARES]
    for prompts in range(ordered.shape[1], STUDY_FEWEST - 1, -1):
        # In the release's order of operations, since what is rounded up next may be whole.
        needed = sum(part * (1 / len(ordered)) / prompts for part in parts)
        if needed < ordered[:, prompts - 1].min():
            return Share(prompts, math.ceil(needed))
    return None
