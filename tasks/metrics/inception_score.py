"""The Inception score, for completeness: it never looks at a real image.

Definition: exp of the mean over images of KL(p(y | x) || p(y)), p the softmax of a classifier's logits, p(y) its
mean; over 10 splits of the shuffled images; mean and standard deviation (ddof = 0) of the splits. Source: Salimans
et al. (2016), arXiv:1606.03498, section 4; splits, shuffle and seed as in torch-fidelity.

Estimand: its expectation at this N and number of splits; biased downward by small splits. Shapes: logits (N,
classes), any real dtype; computed in float64. Direction: higher. Bounds: 1 to the number of classes. Rows that
bound it: none: the classes are ImageNet's, which tissue has none of. N_min: one image a split. Blind to: real
images altogether; memorization; anything within a class.

Interval: delete-a-group jackknife, to first order, within the splits (`inception_score_replicates`). The splits'
standard deviation is of a split, not of the mean, and is no standard error.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import log_softmax

from benchmark.statistics.arrays import Features, Floats, Ints
from benchmark.statistics.groups import check_groups
from benchmark.statistics.jackknife import Replicates, Side
from tasks.metrics.guard import FeatureError, Table, as_array, check_features

REFERENCE_SPLITS = 10
"""Splits of the reference protocol."""
REFERENCE_SEED = 2020
"""Seed of its shuffle."""


class InceptionScore(NamedTuple):
    """Outcome of the reference protocol."""

    mean: float
    """Mean over splits."""
    spread_over_splits: float
    """Standard deviation (ddof = 0) over splits. NOT a standard error of the mean."""


def inception_score(
    *, logits: Table, splits: int = REFERENCE_SPLITS, seed: int | None = REFERENCE_SEED
) -> InceptionScore:
    """Return the Inception score.

    Args:
        logits: Logits of synthetic images, shape (N, classes), N >= splits.
        splits: Number of splits, 1 or more.
        seed: Seed of the shuffle; None to take the images as they come.

    Returns:
        Mean and spread over splits.

    Raises:
        FeatureError: if the logits are not finite, 2-D and as many as splits; or if they are probabilities.
    """
    scores, _ = _scored(logits, splits, seed)
    return InceptionScore(float(np.mean(scores)), float(np.std(scores)))


def inception_score_replicates(
    *, logits: Table, groups: Ints, splits: int = REFERENCE_SPLITS, seed: int | None = REFERENCE_SEED
) -> Replicates:
    """Return the score and, to first order, its values with each group left out of the split that it is in.

    The influence of an image on its split's score is that score times what its own divergence exceeds the mean by: p(y)
    is where the mean divergence is least, so that its change adds nothing to first order.

    Args:
        logits: Logits of synthetic images, shape (N, classes), N >= splits.
        groups: Group of each image, shape (N,), 0 to G - 1.
        splits: Number of splits, 1 or more.
        seed: Seed of the shuffle; None to take the images as they come.

    Returns:
        Replicates with the side synthetic.

    Raises:
        FeatureError: as `inception_score`.
        UserError: if the groups cannot be used.
    """
    scores, influence = _scored(logits, splits, seed)
    labels = check_groups(groups, rows=len(influence), role="synthetic")
    full = float(np.mean(scores))
    return Replicates(full, (Side.first_order("synthetic", full=full, influence=influence, groups=labels),))


def _check_unbounded(table: Features) -> None:
    """Refuse probabilities: softmax of them again would bring all images near to alike."""
    if table.shape[1] > 1 and table.min() >= 0.0 and np.abs(table.sum(axis=1, dtype=np.float64) - 1.0).max() < 1e-3:
        raise FeatureError(
            "The logits are all 0 or more and each row of them adds up to 1: these are probabilities. Give logits, or "
            "their logarithms: numpy.log(numpy.maximum(probabilities, 1e-30))."
        )


def _scored(logits: Table, splits: int, seed: int | None) -> tuple[list[float], Floats]:
    """Return the score of each split, and the influence of each image on their mean, shape (N,)."""
    if splits < 1:
        raise FeatureError(f"{splits} splits: expected one or more.")
    table = as_array(check_features(logits, role="given", rows=splits))
    _check_unbounded(table)
    order = np.arange(len(table))
    if seed is not None:
        # A legacy generator of its own: the published protocol is defined by this very stream.
        order = np.random.RandomState(seed).permutation(len(table))
    scores, influence = [], np.zeros(len(table))
    for split in range(splits):
        rows = order[split * len(order) // splits : (split + 1) * len(order) // splits]
        log_p = log_softmax(table[rows].astype(np.float64), axis=1)
        p = np.exp(log_p)
        with np.errstate(divide="ignore", invalid="ignore"):
            gains = np.where(p > 0.0, p * (log_p - np.log(p.mean(axis=0))), 0.0).sum(axis=1)
        scores.append(float(np.exp(gains.mean())))
        influence[rows] = scores[-1] * (gains - gains.mean()) * len(order) / (splits * len(rows))
    return scores, influence
