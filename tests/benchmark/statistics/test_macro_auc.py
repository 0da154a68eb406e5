"""The mean of one-vs-rest AUCs: its value, and a variance that knows how its parts hang together."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmark.errors import UserError
from benchmark.statistics.auc import auc_difference, auc_interval
from benchmark.statistics.macro_auc import log_odds, macro_placements
from benchmark.statistics.placements import placements


def drawn(rng, n=90, classes=3, shift=1.0, copies=1):
    """Labels and scores of images, each image several times over on a slide of its own."""
    labels = np.arange(n) % classes
    scores = rng.normal(size=(n, classes)) + shift * np.eye(classes)[labels]
    return np.repeat(labels, copies), np.repeat(scores, copies, axis=0), np.repeat(np.arange(n), copies)


def test_value_is_scikit_learns():
    """Of softmax probabilities, which the log odds order alike; of unequal classes; several classifiers averaged."""
    rng = np.random.default_rng(0)
    labels = rng.choice(4, 200, p=[0.1, 0.2, 0.3, 0.4])
    logits = rng.normal(size=(2, 200, 4)) + np.eye(4)[labels]
    shares = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    each = [roc_auc_score(labels, one, multi_class="ovr", average="macro") for one in shares]
    found = macro_placements(labels=labels, scores=np.stack([log_odds(one) for one in logits]), classes=4)
    assert found.value == pytest.approx(np.mean(each), abs=1e-12)


@pytest.mark.parametrize("clustered", [False, True])
def test_two_classes_are_the_plain_auc(clustered):
    """The same value and DeLong's variance; Obuchowski's within its small-sample factor."""
    labels, scores, slides = drawn(np.random.default_rng(1), classes=2, copies=3 if clustered else 1)
    rows = np.random.default_rng(2).permutation(len(labels))
    # Images of both classes on every slide, so that the cross term counts.
    slides = (rows // 6 if clustered else None)  # fmt: skip
    plain = placements(labels=labels, scores=scores[:, 1] - scores[:, 0], slides=slides)
    found = macro_placements(labels=labels, scores=log_odds(scores), classes=2, slides=slides)
    assert found.value == pytest.approx(plain.value, abs=1e-12)
    assert found.standard_error == pytest.approx(plain.standard_error, rel=0.02 if clustered else 1e-12)
    assert (found.df, found.independent_pairs) == (plain.df, plain.independent_pairs)


def test_images_of_one_slide_count_once():
    """Every image four times over: the error of the images, not of the copies."""
    labels, scores, slides = drawn(np.random.default_rng(3), copies=4)
    single = macro_placements(labels=labels[::4], scores=scores[::4], classes=3)
    clustered = macro_placements(labels=labels, scores=scores, classes=3, slides=slides)
    naive = macro_placements(labels=labels, scores=scores, classes=3)
    assert clustered.standard_error == pytest.approx(single.standard_error, rel=1e-6)
    assert naive.standard_error == pytest.approx(single.standard_error / 2, rel=0.05)
    assert "clustered by slide" in auc_interval(clustered).method
    assert "ignores slides" in auc_interval(naive).method


def test_intervals_hold_the_truth():
    """In 95 of 100 tries, about: the parts are neither independent nor one and the same. Differences likewise."""
    rng = np.random.default_rng(4)
    labels, scores, _ = drawn(rng, n=60_000)
    truth = macro_placements(labels=labels, scores=scores, classes=3).value
    held, gaps = [], []
    for _ in range(400):
        labels, scores, _ = drawn(rng, n=120)
        one = macro_placements(labels=labels, scores=scores, classes=3)
        two = macro_placements(labels=labels, scores=scores + 0.5 * rng.normal(size=scores.shape), classes=3)
        interval = auc_interval(one)
        held.append(interval.low <= truth <= interval.high)
        gaps.append((auc_difference(two, one).value, auc_difference(two, one).standard_error))
    assert np.mean(held) == pytest.approx(0.95, abs=3 * np.sqrt(0.05 * 0.95 / 400))
    values, errors = np.array(gaps).T
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(values.std(), rel=0.12)


def test_swapped_classes_are_no_gain():
    """A classifier that takes the first class for the second is worse than chance at both."""
    labels, scores, _ = drawn(np.random.default_rng(5), shift=4.0)
    right, swapped = (macro_placements(labels=labels, scores=one, classes=3) for one in (scores, scores[:, [1, 0, 2]]))
    assert right.value > 0.95
    assert [one.value > 0.9 for one in swapped.each] == [False, False, True]
    assert auc_difference(swapped, right).interval.high < 0.0


def test_log_odds_are_of_one_class_against_all_others():
    """By hand; logits of any size."""
    found = log_odds(np.log([[0.5, 0.25, 0.25], [0.2, 0.2, 0.6]]))
    np.testing.assert_allclose(found, np.log([[1.0, 1 / 3, 1 / 3], [0.25, 0.25, 1.5]]))
    assert np.isfinite(log_odds(np.array([[1e4, 0.0, -1e4]]))).all()


def test_what_does_not_fit_is_refused():
    """Shapes, and a class that the test set lacks."""
    labels, scores, _ = drawn(np.random.default_rng(6))
    with pytest.raises(UserError, match=r"here \(90, 4\); got \(90, 3\)"):
        macro_placements(labels=labels, scores=scores, classes=4)
    with pytest.raises(UserError, match="0 positive and 90 negative"):
        macro_placements(labels=np.minimum(labels, 1), scores=scores, classes=3)
