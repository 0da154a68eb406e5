"""Precision, recall, density and coverage (PRDC), with open balls (`<`) and k = 5. Not `precision_recall`.

Definition: balls as in `precision_recall`, but open. Precision: share of synthetic rows in some real ball.
Recall: share of real rows in some synthetic ball. Density: real balls that hold a synthetic row, mean over
synthetic rows, over k. Coverage: share of real balls that hold some synthetic row. Source: Naeem et al.
(2020), arXiv:2002.09797, eqs. 1 to 4; k = 5 and `<` as in the authors' code.

Estimand: their expectation at this (N, M, k); no population limit. Rank only at equal (N, M, k). Two samples
of one distribution have density near 1 and coverage near 1 - 2^-k at N = M.
Shapes: real (N, D), synthetic (M, D), any real dtype; distances exact in float64 (`pairs`). Direction:
higher.
Bounds: 0 to 1; density 0 to N / k.
Rows that bound them: coverage is bounded by the noise row from below and by the floor from above (only copies
of the reference itself go beyond). Precision and density are bounded from below by noise, from above by
nothing: density above 1 means synthetic rows crowd where real ones are dense. Recall is bounded by no row
(noise can have recall 1).
N_min: k + 1 rows a side to compute; `enough` for the interval.
Blind to: precision and density to what is missing; recall to what is wrong; coverage to what is wrong once
every real ball is met, and to rows outside all balls; all to copies of the training set. With copies or
constant features radii are 0, and open balls of radius 0 hold nothing: all four are 0.

Interval: rescaled subsampling (`benchmark.statistics.subsampling`) or the delete-a-group jackknife.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tasks.metrics.guard import Table, check_k, check_pair
from tasks.metrics.pairs.balls import Membership
from tasks.metrics.pairs.one_pass import MEMORY, Meeting, Reach, one_pass

DEFAULT_K = 5
"""Neighbor that sets a ball's radius, as published."""


class Prdc(NamedTuple):
    """The four counts with open balls."""

    prdc_precision: float
    """Share of synthetic rows within a real ball, 0 to 1."""
    prdc_recall: float
    """Share of real rows within a synthetic ball, 0 to 1."""
    density: float
    """Real balls a synthetic row lies in, mean, over k; 0 to N / k."""
    coverage: float
    """Share of real balls that hold a synthetic row, 0 to 1."""


def prdc(*, real: Table, synthetic: Table, k: int = DEFAULT_K, memory: int = MEMORY) -> Prdc:
    """Return precision, recall, density and coverage.

    Args:
        real: Features of real images, shape (N, D), N > k.
        synthetic: Features of synthetic images, shape (M, D), M > k.
        k: Neighbor that sets the radius, 1 or more.
        memory: Bytes that the pass over all pairs may take; never changes the result.

    Returns:
        The four values.

    Raises:
        FeatureError: if the features are not finite, 2-D, of equal width and with enough rows, or k is below
            1.
    """
    check_k(k)
    pair = check_pair(real=real, synthetic=synthetic, rows=k + 1)
    reach = Reach(k, closed=False)
    found = one_pass(real=pair.real, synthetic=pair.synthetic, balls=(reach,), memory=memory)
    return prdc_of(found.meetings[reach], k=k)


def prdc_of(meeting: Meeting[Membership], *, k: int) -> Prdc:
    """Return the four values of open balls that were counted already.

    Args:
        meeting: Counts of `one_pass` with `Reach(k, closed=False)`.
        k: The same k.

    Returns:
        The four values.
    """
    in_real, in_synthetic = meeting
    return Prdc(
        prdc_precision=float(np.mean(in_real.balls_of_point > 0)),
        prdc_recall=float(np.mean(in_synthetic.balls_of_point > 0)),
        density=float(np.mean(in_real.balls_of_point)) / k,
        coverage=float(np.mean(in_real.points_in_ball > 0)),
    )
