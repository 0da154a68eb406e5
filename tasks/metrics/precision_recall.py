"""Improved precision and recall, with closed balls (`<=`) and k = 3. Not the precision and recall of `prdc`.

Definition: every set is covered by balls about its rows, each reaching to the row's k-th nearest neighbor in
the set. Improved precision is the share of synthetic rows in some real ball; improved recall the share of
real rows in some synthetic ball. Source: Kynkaanniemi et al. (2019), arXiv:1904.06991, eqs. 1 and 2, k = 3.

Estimand: their expectation at this (N, M, k); there is no population limit that does not depend on k. Rank
only at equal (N, M, k). Shapes: real (N, D), synthetic (M, D), any real dtype; distances exact in float64
(`pairs`).
Direction: higher. Bounds: 0 to 1.
Rows that bound them: precision is bounded from below by the noise row, and not from above by the floor: a
generator that keeps to the dense middle of the data beats real images. Recall is bounded by no row: noise at
several times the spread of the data has recall 1, since its balls are huge; recall alone orders nothing.
N_min: k + 1 rows a side to compute; `enough` for the interval.
Blind to: precision to everything that is missing; recall to everything that is wrong; both to copies of the
training set and to how often a kind occurs; one outlier's huge ball can admit many rows.

Interval: rescaled subsampling (`benchmark.statistics.subsampling`) or the delete-a-group jackknife.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tasks.metrics.guard import Table, check_k, check_pair
from tasks.metrics.pairs.balls import Membership
from tasks.metrics.pairs.one_pass import MEMORY, Meeting, Reach, one_pass

DEFAULT_K = 3
"""Neighbor that sets a ball's radius, as published."""


class ImprovedPrecisionRecall(NamedTuple):
    """Shares of rows within the other set's closed balls."""

    improved_precision: float
    """Share of synthetic rows within a real ball, 0 to 1."""
    improved_recall: float
    """Share of real rows within a synthetic ball, 0 to 1."""


def improved_precision_recall(
    *, real: Table, synthetic: Table, k: int = DEFAULT_K, memory: int = MEMORY
) -> ImprovedPrecisionRecall:
    """Return improved precision and recall.

    Args:
        real: Features of real images, shape (N, D), N > k.
        synthetic: Features of synthetic images, shape (M, D), M > k.
        k: Neighbor that sets the radius, 1 or more.
        memory: Bytes that the pass over all pairs may take; never changes the result.

    Returns:
        Both shares.

    Raises:
        FeatureError: if the features are not finite, 2-D, of equal width and with enough rows, or k is below
            1.
    """
    check_k(k)
    pair = check_pair(real=real, synthetic=synthetic, rows=k + 1)
    reach = Reach(k, closed=True)
    found = one_pass(real=pair.real, synthetic=pair.synthetic, balls=(reach,), memory=memory)
    return improved_precision_recall_of(found.meetings[reach])


def improved_precision_recall_of(meeting: Meeting[Membership]) -> ImprovedPrecisionRecall:
    """Return both shares of closed balls that were counted already.

    Args:
        meeting: Counts of `one_pass` with `Reach(k, closed=True)`.

    Returns:
        Both shares.
    """
    return ImprovedPrecisionRecall(
        improved_precision=float(np.mean(meeting.in_real.balls_of_point > 0)),
        improved_recall=float(np.mean(meeting.in_synthetic.balls_of_point > 0)),
    )
