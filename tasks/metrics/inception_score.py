"""The Inception score, for completeness: it never looks at a real image.

Definition: exp of the mean over images of KL(p(y | x) || p(y)), p the softmax of a classifier's logits, p(y) its
mean; over 10 splits of the shuffled images; mean and standard deviation (ddof = 0) of the splits. Source: Salimans
et al. (2016), arXiv:1606.03498, section 4; splits, shuffle and seed as in torch-fidelity.

Estimand: its expectation at this N and number of splits; biased downward by small splits. Shapes: logits (N,
classes), any real dtype; computed in float64. Direction: higher. Bounds: 1 to the number of classes. Rows that
bound it: none: the classes are ImageNet's, which tissue has none of. N_min: one image a split. Blind to: real
images altogether; memorization; anything within a class.

Interval: none: the splits' standard deviation is of a split, not of the mean, and is no standard error.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import log_softmax

from benchmark.statistics.arrays import Features
from tasks.metrics.guard import FeatureError, check_features

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
    *, logits: Features, splits: int = REFERENCE_SPLITS, seed: int | None = REFERENCE_SEED
) -> InceptionScore:
    """Return the Inception score.

    Args:
        logits: Logits of synthetic images, shape (N, classes), N >= splits.
        splits: Number of splits, 1 or more.
        seed: Seed of the shuffle; None to take the images as they come.

    Returns:
        Mean and spread over splits.

    Raises:
        FeatureError: if the logits are not finite, 2-D and as many as splits.
    """
    if splits < 1:
        raise FeatureError(f"{splits} splits: expected one or more.")
    table = check_features(logits, role="given", rows=splits).astype(np.float64)
    if seed is not None:
        # A legacy generator of its own: the published protocol is defined by this very stream.
        table = table[np.random.RandomState(seed).permutation(len(table))]
    log_p = log_softmax(table, axis=1)
    scores = []
    for split in range(splits):
        part = log_p[split * len(log_p) // splits : (split + 1) * len(log_p) // splits]
        p = np.exp(part)
        with np.errstate(divide="ignore", invalid="ignore"):
            gain = np.where(p > 0.0, p * (part - np.log(p.mean(axis=0))), 0.0)
        scores.append(np.exp(gain.sum(axis=1).mean()))
    return InceptionScore(float(np.mean(scores)), float(np.std(scores)))
