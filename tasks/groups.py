"""The groups of rows that are left out together, for intervals and paired differences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts.images import Images
from benchmark.contracts.task import Features
from benchmark.statistics import groups

_SEED = 0
"""Fixed: all variants of all runs leave out the same rows."""


def of_real(rows: Features | Images) -> NDArray[np.int64]:
    """Return the group of each real row: its slide where slides are known, a random one where not."""
    if rows.slides is not None:
        return groups.slide_groups(rows.slides)
    return at_random(len(rows))


def of_synthetic(features: Features) -> NDArray[np.int64]:
    """Return the group of each synthetic row: the slide of a real image, the request of any other.

    Variants that answer the same requests share their groups; a control that hands out real images does not.
    """
    if features.slides is not None:
        return groups.slide_groups(features.slides)
    count = len(features)
    return groups.request_groups(np.arange(count), total=count, seed=_SEED, groups=_many(count))


def units_of_synthetic(features: Features) -> NDArray[np.int64]:
    """Return what is never split of the synthetic rows: the slide of a real image, any other image itself."""
    if features.slides is not None:
        return groups.slide_groups(features.slides)
    return np.arange(len(features))


def at_random(count: int) -> NDArray[np.int64]:
    """Return random groups of about equal size."""
    return groups.random_groups(count, seed=_SEED, groups=_many(count))


def slides(**rows: Features | Images) -> dict[str, int]:
    """Return the number of slides of each role whose slides are known."""
    return {role: len(np.unique(one.slides)) for role, one in rows.items() if one.slides is not None}


def note(real: Features | Images) -> str | None:
    """Return what a reader must know of the groups."""
    return None if real.slides is not None else "slides unknown: the interval treats patches as independent"


def _many(count: int) -> int:
    """Return the usual number of groups, or fewer where there are fewer rows than that."""
    return max(2, min(groups.DEFAULT_GROUPS, count // 2))
