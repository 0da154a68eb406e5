"""Placements: AUC and its variance, against the two papers written out pair by pair and against resampled slides."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmark.errors import UserError
from benchmark.statistics.placements import placements


def pairwise(labels, scores):
    """1 where a positive (row) scores above a negative (column), 1/2 where they tie."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    return np.array([[1.0 if p > q else 0.5 if p == q else 0.0 for q in negative] for p in positive])


def delong_covariance(labels, scores):
    """DeLong et al. 1988: the covariance matrix of the AUCs of several classifiers on the same images."""
    tables = [pairwise(labels, row) for row in scores]
    over_positives = np.cov([table.mean(axis=1) for table in tables])
    over_negatives = np.cov([table.mean(axis=0) for table in tables])
    return over_positives / (labels == 1).sum() + over_negatives / (labels == 0).sum()


def obuchowski(labels, scores, slides):
    """Obuchowski 1997 as printed: S10 / M + S01 / N + 2 S11 / (M N), slide by slide."""
    table = pairwise(labels, scores)
    auc, total_positive, total_negative = table.mean(), *table.shape
    positive, negative = slides[labels == 1], slides[labels == 0]
    first, second = {}, {}
    for slide in set(slides):
        first[slide] = sum(table[row].mean() - auc for row in np.flatnonzero(positive == slide))
        second[slide] = sum(table[:, column].mean() - auc for column in np.flatnonzero(negative == slide))
    with_positive, with_negative, all_slides = len(set(positive)), len(set(negative)), len(set(slides))
    s10 = with_positive / ((with_positive - 1) * total_positive) * sum(value**2 for value in first.values())
    s01 = with_negative / ((with_negative - 1) * total_negative) * sum(value**2 for value in second.values())
    s11 = all_slides / (all_slides - 1) * sum(first[slide] * second[slide] for slide in first)
    return s10 / total_positive + s01 / total_negative + 2 * s11 / (total_positive * total_negative)


def clustered(rng, *, slides=40, classifiers=1):
    """Images of slides with a common effect; some slides hold one class only, and slides are of unequal size."""
    sizes = rng.integers(2, 12, slides)
    share = rng.choice([0.0, 0.3, 0.6, 1.0], slides)
    ids = np.repeat(np.arange(slides), sizes)
    labels = (rng.uniform(size=len(ids)) < share[ids]).astype(int)
    effect = rng.normal(0, 1.0, slides)[ids]
    scores = labels + effect + rng.normal(0, 0.7, (classifiers, len(ids)))
    return labels, np.round(scores, 1), np.array([f"slide {number}" for number in ids])


@pytest.fixture
def scored():
    """Thirty positives, fifty negatives, three classifiers with many ties."""
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.repeat([1, 0], [30, 50]))
    return labels, np.round(0.7 * labels + rng.normal(size=(3, 80)), 1)


def test_a_placement_is_the_share_of_the_other_class_on_the_wrong_side(scored):
    """Counted pair by pair, ties half; the mean of either class is the AUC."""
    labels, scores = scored
    found, table = placements(labels=labels, scores=scores[0]), pairwise(labels, scores[0])
    np.testing.assert_allclose(found.positives, table.mean(axis=1), rtol=0, atol=1e-15)
    np.testing.assert_allclose(found.negatives, table.mean(axis=0), rtol=0, atol=1e-15)
    assert found.value == pytest.approx(roc_auc_score(labels, scores[0]), abs=1e-12)
    assert found.negatives.mean() == pytest.approx(found.value, abs=1e-12)


def test_higher_scores_speak_for_the_second_class():
    """Labels and scores swapped in sense turn the AUC about one half."""
    labels = np.array([0, 0, 0, 1, 1])
    scores = np.array([0.1, 0.2, 0.6, 0.5, 0.9])
    assert placements(labels=labels, scores=scores).value == pytest.approx(5 / 6)
    assert placements(labels=1 - labels, scores=scores).value == pytest.approx(1 / 6)
    assert placements(labels=labels, scores=-scores).value == pytest.approx(1 / 6)


def test_only_the_order_of_the_scores_counts(scored):
    """Any rising map leaves all placements."""
    labels, scores = scored
    one, other = (placements(labels=labels, scores=table) for table in (scores[0], np.exp(3 * scores[0]) - 7))
    np.testing.assert_array_equal(one.positives, other.positives)
    assert one.standard_error == other.standard_error


def test_labels_may_be_booleans(scored):
    """True is the positive class."""
    labels, scores = scored
    assert (
        placements(labels=labels.astype(bool), scores=scores[0]).value
        == placements(labels=labels, scores=scores[0]).value
    )


def test_variance_of_one_auc_is_delongs(scored):
    """From the U-statistic's two components."""
    labels, scores = scored
    for row, variance in zip(scores, np.diag(delong_covariance(labels, scores)), strict=True):
        assert placements(labels=labels, scores=row).standard_error ** 2 == pytest.approx(variance, rel=1e-10)


def test_variance_of_a_mean_auc_is_that_of_the_mean_of_correlated_ones(scored):
    """The mean of DeLong's whole matrix: the classifiers share their images."""
    labels, scores = scored
    found = placements(labels=labels, scores=scores)
    assert found.value == pytest.approx(np.mean([roc_auc_score(labels, row) for row in scores]), abs=1e-12)
    assert found.standard_error**2 == pytest.approx(delong_covariance(labels, scores).mean(), rel=1e-10)


def test_variance_of_a_difference_takes_the_covariance_off(scored):
    """DeLong's contrast (1, -1)."""
    labels, scores = scored
    matrix = delong_covariance(labels, scores)
    gap = placements(labels=labels, scores=scores[0]).minus(placements(labels=labels, scores=scores[1]))
    aucs = [roc_auc_score(labels, row) for row in scores]
    assert gap.value == pytest.approx(aucs[0] - aucs[1], abs=1e-12)
    assert gap.standard_error**2 == pytest.approx(matrix[0, 0] + matrix[1, 1] - 2 * matrix[0, 1], rel=1e-9)


def test_delong_holds_on_average():
    """Its mean over 400 data sets is the variance of the AUC over them, within a fifth."""
    rng = np.random.default_rng(1)
    labels = np.repeat([1, 0], [40, 60])
    found = [placements(labels=labels, scores=rng.normal(labels, 1.0)) for _ in range(400)]
    known = np.var([one.value for one in found], ddof=1)
    assert np.mean([one.standard_error**2 for one in found]) == pytest.approx(known, rel=0.2)


@pytest.mark.parametrize("seed", range(5))
def test_variance_with_slides_is_obuchowskis(seed):
    """Slides of both classes, of one class, of unequal size."""
    labels, scores, slides = clustered(np.random.default_rng(seed), slides=9)
    found = placements(labels=labels, scores=scores[0], slides=slides)
    assert found.standard_error**2 == pytest.approx(obuchowski(labels, scores[0], slides), rel=1e-9)


def test_names_and_order_of_slides_do_not_matter():
    """Rows in another order, slides under other names."""
    labels, scores, slides = clustered(np.random.default_rng(7), slides=12)
    order = np.random.default_rng(8).permutation(len(labels))
    other = np.unique(slides, return_inverse=True)[1] * 37 % 101
    one = placements(labels=labels, scores=scores[0], slides=slides)
    two = placements(labels=labels[order], scores=scores[0][order], slides=other[order])
    assert two.standard_error == pytest.approx(one.standard_error, rel=1e-12)


def slide_bootstrap(labels, scores, slides, rng, draws):
    """The standard deviation of the AUC over slides drawn with replacement."""
    positive = slides[labels == 1]
    negative = slides[labels == 0]
    names = np.unique(slides)
    rows = (positive[None] == names[:, None]).astype(float)
    columns = (negative[None] == names[:, None]).astype(float)
    between = rows @ pairwise(labels, scores) @ columns.T
    counts = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    won = np.einsum("ds,st,dt->d", counts, between, counts)
    return np.std(won / ((counts @ rows.sum(axis=1)) * (counts @ columns.sum(axis=1))), ddof=1)


def test_obuchowski_agrees_with_a_bootstrap_of_slides_and_with_the_truth():
    """Over simulated sets of 40 slides, within 12 %; images taken as independent give far too little."""
    rng = np.random.default_rng(9)
    values, ours, naive, resampled = [], [], [], []
    for trial in range(600):
        labels, scores, slides = clustered(rng)
        found = placements(labels=labels, scores=scores[0], slides=slides)
        values.append(found.value)
        ours.append(found.standard_error)
        naive.append(placements(labels=labels, scores=scores[0]).standard_error)
        if trial < 60:
            resampled.append(slide_bootstrap(labels, scores[0], slides, rng, 500))
    assert np.mean(ours[:60]) == pytest.approx(np.mean(resampled), rel=0.12)
    assert math.sqrt(np.mean(np.square(ours))) == pytest.approx(np.std(values, ddof=1), rel=0.12)
    assert np.mean(naive) < 0.7 * np.std(values, ddof=1)


def test_a_variance_of_zero_does_not_round_below_it():
    """In every slide one positive and one negative of one score: the two classes' deviations cancel exactly."""
    for count in range(3, 40):
        scores = np.repeat(np.random.default_rng(count).normal(size=count), 2)
        found = placements(labels=np.tile([1, 0], count), scores=scores, slides=np.repeat(np.arange(count), 2))
        assert found.value == pytest.approx(0.5)
        assert found.standard_error == pytest.approx(0.0, abs=1e-8)


def test_degrees_of_freedom_are_of_the_class_in_fewest_slides():
    """Less one; none where slides are not known."""
    labels = np.array([1, 1, 1, 0, 0, 0, 0, 0])
    slides = np.array(["a", "b", "b", "a", "b", "c", "d", "e"])
    scores = np.arange(8.0)
    assert placements(labels=labels, scores=scores, slides=slides).df == 1
    assert placements(labels=1 - labels, scores=scores, slides=slides).df == 1
    assert placements(labels=labels, scores=scores).df is None


@pytest.mark.parametrize("seed", range(12))
def test_independent_pairs_are_the_most_that_share_no_slide(seed):
    """Against all ways to pair slides of positives with other slides of negatives."""
    rng = np.random.default_rng(seed)
    slides = np.concatenate([rng.integers(0, 4, 3), [0, 1], rng.integers(1, 6, 3), [2, 3]])
    labels = np.repeat([1, 0], 5)
    found = placements(labels=labels, scores=rng.normal(size=10), slides=slides)
    pairs = [(a, b) for a in set(slides[:5]) for b in set(slides[5:]) if a != b]
    most = max(
        size
        for size in range(1, 6)
        for chosen in itertools.combinations(pairs, size)
        if len({slide for pair in chosen for slide in pair}) == 2 * size
    )
    assert found.independent_pairs == most


def test_independent_pairs_of_images_are_those_of_the_smaller_class(scored):
    """Where slides are not known."""
    labels, scores = scored
    assert placements(labels=labels, scores=scores[0]).independent_pairs == 30
    assert placements(labels=1 - labels, scores=scores[0]).independent_pairs == 30


def test_difference_needs_the_same_images_of_the_same_slides(scored):
    """Other labels, other order, other slides or none: each is refused."""
    labels, scores = scored
    slides = np.arange(80) % 9
    base = placements(labels=labels, scores=scores[0], slides=slides)
    others = [
        placements(labels=1 - labels, scores=scores[1], slides=slides),
        placements(labels=labels[::-1], scores=scores[1], slides=slides),
        placements(labels=labels, scores=scores[1], slides=np.arange(80) % 8),
        placements(labels=labels, scores=scores[1]),
    ]
    for other in others:
        with pytest.raises(UserError, match="not measured on the same test images, so their difference is not paired"):
            base.minus(other)
    assert base.minus(placements(labels=labels, scores=scores[1], slides=slides)).df == base.df


def test_trailing_negatives_are_part_of_the_digest():
    """Packed bits end in zeros that a further negative image would hide in."""
    short, long = np.array([1, 1, 0, 0]), np.array([1, 1, 0, 0, 0])
    first, second = (placements(labels=labels, scores=np.arange(float(len(labels)))) for labels in (short, long))
    assert first.digest != second.digest


@pytest.mark.parametrize(
    ("labels", "scores", "said"),
    [
        ([0, 0, 1, 1], [1.0, 2.0, 3.0], r"labels of shape \(4,\) and scores of shape \(3,\)"),
        ([[0, 0], [1, 1]], [[1.0, 2.0], [3.0, 4.0]], r"labels of shape \(2, 2\)"),
        ([0, 0, 1, 1], [[[1.0, 2.0, 3.0, 4.0]]], r"scores of shape \(1, 1, 4\)"),
        ([0, 0, 1, 1], 1.0, r"scores of shape \(\)"),
        ([0, 0, 1, 1], np.empty((0, 4)), r"scores of shape \(0, 4\)"),
        ([], [], r"labels of shape \(0,\)"),
        ([0, 0, 1, 1], [1.0, np.nan, 3.0, np.inf], r"2 score\(s\) are NaN or infinite"),
        ([0, 2, 1, 1], [1.0, 2.0, 3.0, 4.0], r"must be 0 or 1, got \[0, 1, 2\]"),
        ([0.0, 0.5, 1.0, 1.0], [1.0, 2.0, 3.0, 4.0], r"must be 0 or 1, got \[0\.0, 0\.5, 1\.0\]"),
        ([0, 0, 0, 1], [1.0, 2.0, 3.0, 4.0], "got 1 positive and 3 negative"),
        ([0, 1, 1, 1], [1.0, 2.0, 3.0, 4.0], "got 3 positive and 1 negative"),
    ],
)
def test_what_gives_no_auc_is_refused(labels, scores, said):
    """Each with what was found."""
    with pytest.raises(UserError, match=said):
        placements(labels=np.array(labels), scores=np.array(scores))


def test_one_slide_id_an_image():
    """No more, no fewer."""
    with pytest.raises(UserError, match=r"one slide id an image, 4 in all, got shape \(3,\)"):
        placements(labels=np.array([0, 0, 1, 1]), scores=np.arange(4.0), slides=np.array(["a", "b", "c"]))


@pytest.mark.parametrize("labels", [[0, 0, 1, 1, 1], [1, 1, 0, 0, 0]])
def test_a_class_of_one_slide_is_refused(labels):
    """Whichever class it is; the message gives the way out."""
    with pytest.raises(UserError, match="All images of a class are from one slide.*patch level, ignores slides"):
        placements(labels=np.array(labels), scores=np.arange(5.0), slides=np.array(["a", "a", "a", "b", "c"]))
