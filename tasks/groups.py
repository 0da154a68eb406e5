"""The groups of rows that are left out together, for intervals and paired differences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts.task import Features
from benchmark.statistics import groups

_SEED = 0
"""Fixed: all variants of all runs leave out the same rows."""


def of_real(features: Features) -> NDArray[np.int64]:
    """Return the group of each real row: its slide where slides are known, a random one where not."""
    if features.slides is not None:
        return groups.slide_groups(features.slides)
    return at_random(len(features.values))


def of_synthetic(features: Features) -> NDArray[np.int64]:
    """Return the group of each synthetic row, by its request: variants share their groups."""
    count = len(features.values)
    return groups.request_groups(np.arange(count), total=count, seed=_SEED, groups=_many(count))


def at_random(count: int) -> NDArray[np.int64]:
    """Return random groups of about equal size."""
    return groups.random_groups(count, seed=_SEED, groups=_many(count))


def note(real: Features) -> str | None:
    """Return what a reader must know of the groups."""
    return None if real.slides is not None else "slides unknown: the interval treats patches as independent"


def _many(count: int) -> int:
    """Return the usual number of groups, or fewer where there are fewer rows than that."""
    return max(2, min(groups.DEFAULT_GROUPS, count // 2))
