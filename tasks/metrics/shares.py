"""Improved precision and recall, and PRDC, with what their intervals are made of, in one pass.

Definitions, sources, estimands and blind spots: `precision_recall` and `prdc`. Intervals:
`benchmark.statistics.subsampling`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from benchmark.statistics import subsampling
from benchmark.statistics.arrays import Ints
from benchmark.statistics.subsampling import Subsamples
from tasks.metrics import prdc, precision_recall
from tasks.metrics.guard import FeatureError, Table, check_pair
from tasks.metrics.pairs.halves import HalfCounts
from tasks.metrics.pairs.one_pass import MEMORY, Found, Groups, Meeting, Reach, one_pass

CLOSED = Reach(precision_recall.DEFAULT_K, closed=True)
"""Balls of improved precision and recall."""
OPEN = Reach(prdc.DEFAULT_K, closed=False)
"""Balls of PRDC."""


class Shares(NamedTuple):
    """All six, each on all rows and on halves of them."""

    improved_precision: Subsamples
    improved_recall: Subsamples
    prdc_precision: Subsamples
    prdc_recall: Subsamples
    density: Subsamples
    coverage: Subsamples


def neighbor_shares(
    *,
    real: Table,
    synthetic: Table,
    real_units: Ints,
    synthetic_units: Ints,
    seed: int = 0,
    splits: int = 30,
    memory: int = MEMORY,
) -> Shares:
    """Return the six numbers with k = 3, closed, and k = 5, open.

    Args:
        real: Features of real images, shape (N, D).
        synthetic: Features of synthetic images, shape (M, D).
        real_units: Unit of each real row that no split parts, shape (N,): its slide, or itself.
        synthetic_units: Unit of each synthetic row, shape (M,).
        seed: Seed of the splits, the same for all variants that are to be compared.
        splits: Random halvings, 2 or more.
        memory: Bytes that the pass over all pairs may take.

    Returns:
        The six numbers.

    Raises:
        FeatureError: if the features cannot be used, or a half may hold k rows or fewer.
    """
    pair = check_pair(real=real, synthetic=synthetic, rows=OPEN.k + 1)
    drawn = subsampling.draw({"real": real_units, "synthetic": synthetic_units}, seed=seed, splits=splits)
    balls, halves = (CLOSED, OPEN), halves_of(drawn)
    found = one_pass(real=pair.real, synthetic=pair.synthetic, balls=balls, halves=halves, memory=memory)
    return shares_of(found, drawn)


def halves_of(drawn: subsampling.Draw) -> Groups:
    """Return the halves for a pass with the balls `CLOSED` or `OPEN`.

    Args:
        drawn: Splits of the roles real and synthetic.

    Returns:
        The halves.

    Raises:
        FeatureError: if a half holds k rows or fewer, as where slides are few and small.
    """
    halves = Groups(drawn.members["real"], drawn.members["synthetic"])
    fewest = min(int(side.sum(axis=0).min()) for side in halves)
    if fewest <= OPEN.k:
        raise FeatureError(f"A half of the rows holds {fewest}: expected more than k = {OPEN.k}. Give more images.")
    return halves


def shares_of(found: Found, drawn: subsampling.Draw) -> Shares:
    """Return the six numbers of a pass that was made already.

    Args:
        found: A pass with the balls `CLOSED` and `OPEN`, and with the halves of `drawn`.
        drawn: The halves.

    Returns:
        The six numbers.
    """
    return Shares(*improved_shares_of(found, drawn), *prdc_shares_of(found, drawn))


def improved_shares_of(found: Found, drawn: subsampling.Draw) -> list[Subsamples]:
    """Return improved precision and recall of a pass with the balls `CLOSED`, and with the halves of `drawn`."""
    full = precision_recall.improved_precision_recall_of(found.meetings[CLOSED])
    return _joined(full, _by_half(found.halves[CLOSED])[:2], drawn)


def prdc_shares_of(found: Found, drawn: subsampling.Draw) -> list[Subsamples]:
    """Return the four of PRDC of a pass with the balls `OPEN`, and with the halves of `drawn`."""
    return _joined(prdc.prdc_of(found.meetings[OPEN], k=OPEN.k), _by_half(found.halves[OPEN]), drawn)


def _joined(full: Sequence[float], halves: Sequence[np.ndarray], drawn: subsampling.Draw) -> list[Subsamples]:
    return [drawn.subsamples(value, list(half)) for value, half in zip(full, halves, strict=True)]


class _ByHalf(NamedTuple):
    precision: np.ndarray
    recall: np.ndarray
    density: np.ndarray
    coverage: np.ndarray


def _by_half(meeting: Meeting[HalfCounts]) -> _ByHalf:
    in_real, in_synthetic = meeting
    return _ByHalf(in_real.points_held, in_synthetic.points_held, in_real.balls_a_point / OPEN.k, in_real.balls_holding)
