from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmark.errors import UserError
from benchmark.statistics.auc import auc_difference, auc_interval
from benchmark.statistics.placements import placements


@pytest.fixture
def scored():
    """A hundred images with tied scores, two classifiers."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 100)
    return labels, np.round(labels + rng.normal(0, 1, (2, 100)), 1)


def delong(labels, scores):
    """DeLong et al. 1988 pair by pair."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    table = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    return np.var(table.mean(axis=1), ddof=1) / len(positive) + np.var(table.mean(axis=0), ddof=1) / len(negative)


def test_value_equals_scikit_learn(scored):
    """Ties count half; several classifiers are averaged."""
    labels, scores = scored
    each = [roc_auc_score(labels, row) for row in scores]
    assert placements(labels=labels, scores=scores[0]).value == pytest.approx(each[0], abs=1e-12)
    assert placements(labels=labels, scores=scores).value == pytest.approx(np.mean(each), abs=1e-12)


def test_variance_equals_delong(scored):
    """And Obuchowski's with one image a slide is the same but for its sample correction."""
    labels, scores = scored
    plain = placements(labels=labels, scores=scores[0])
    assert plain.standard_error**2 == pytest.approx(delong(labels, scores[0]), rel=1e-10)
    slides = np.array([f"s{row}" for row in range(100)])
    assert placements(labels=labels, scores=scores[0], slides=slides).standard_error == pytest.approx(
        plain.standard_error, rel=1e-9
    )


def test_images_of_one_slide_are_not_independent(scored):
    """Every image five times over on its slide: the same AUC, and the error of the images, not of the copies."""
    labels, scores = (np.repeat(part, 5, axis=-1) for part in scored)
    slides = np.repeat([f"s{row}" for row in range(100)], 5)
    clustered, naive = (placements(labels=labels, scores=scores[0], slides=one) for one in (slides, None))
    single = placements(labels=scored[0], scores=scored[1][0])
    assert clustered.standard_error == pytest.approx(single.standard_error, rel=0.02)
    assert naive.standard_error < 0.5 * clustered.standard_error


def test_interval_holds_the_value_and_stays_within_bounds(scored):
    """On the logit scale; at 1 an exact bound takes over."""
    found = placements(labels=scored[0], scores=scored[1][0])
    interval = auc_interval(found)
    assert 0 < interval.low < found.value < interval.high < 1
    perfect = auc_interval(placements(labels=scored[0], scores=scored[0]))
    assert perfect.high == 1
    assert 0 < perfect.low < 1


def test_difference_is_signed_paired_and_zero_with_itself(scored):
    """First less second; a method does not differ from itself; other test images are refused."""
    labels, scores = scored
    good, bad = placements(labels=labels, scores=labels + 0.01 * scores[0]), placements(labels=labels, scores=scores[1])
    assert auc_difference(good, bad).value > 0
    assert auc_difference(bad, good).value < 0
    same = auc_difference(bad, bad)
    assert (same.value, same.interval.low, same.interval.high) == (0, 0, 0)
    with pytest.raises(UserError, match="same test images"):
        auc_difference(good, placements(labels=1 - labels, scores=scores[1]))
