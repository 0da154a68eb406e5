"""The permutation null against the exact one, which tiny data allow to write out in full."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from benchmark.errors import UserError
from benchmark.statistics.permutation import PermutationNull, permutation_null

VALUES = np.array([0.3, 1.9, 2.4, 3.1, 1.1, 4.0, 5.2, 2.8])
LABELS = np.array([0, 0, 0, 1, 0, 1, 1, 1])


def gap(labels):
    """Mean of the ones less mean of the zeros."""
    return VALUES[labels == 1].mean() - VALUES[labels == 0].mean()


def exact_null():
    """The gap under all 70 ways to call four of eight values ones."""
    found = []
    for ones in itertools.combinations(range(8), 4):
        labels = np.zeros(8, dtype=int)
        labels[list(ones)] = 1
        found.append(gap(labels))
    return np.array(found)


def test_p_value_is_that_of_all_assignments():
    """Within what 9,999 draws can err."""
    exact = np.mean(exact_null() >= gap(LABELS) - 1e-12)
    assert 0.01 < exact < 0.1
    found = permutation_null(gap, LABELS, seed=0, permutations=9999)
    assert found.observed == gap(LABELS)
    assert found.p_value() == pytest.approx(exact, abs=2.6 * math.sqrt(exact * (1 - exact) / 9999) + 1e-4)


def test_every_shuffle_is_an_assignment_and_none_is_favored():
    """Each of the 70 turns up as often as it should, by a chi-squared test."""
    null = permutation_null(lambda labels: float(labels @ 2.0 ** np.arange(8)), LABELS, seed=1, permutations=7000).null
    codes, counts = np.unique(null, return_counts=True)
    assert len(codes) == 70
    assert {int(code).bit_count() for code in codes} == {4}
    assert stats.chisquare(counts).pvalue > 0.005


def test_band_holds_the_middle_of_the_exact_null():
    """Its ends are the 10 % and 90 % points, in a null of 70 values."""
    exact = np.sort(exact_null())
    band = permutation_null(gap, LABELS, seed=2, permutations=5000).band(level=0.8)
    assert abs(np.searchsorted(exact, band.low) - 7) <= 2
    assert abs(np.searchsorted(exact, band.high) - 63) <= 2
    assert (band.level, band.method, band.df) == (0.8, "permutation null", None)


def test_band_says_nothing_of_the_observed_value():
    """By hand: the middle 80 % of 0 to 10 is 1 to 9."""
    for observed in (-50.0, 5.0, 50.0):
        band = PermutationNull(observed, tuple(map(float, range(11)))).band(level=0.8)
        assert (band.low, band.high) == pytest.approx((1.0, 9.0))


@pytest.mark.parametrize(("observed", "p"), [(11.0, 1 / 11), (9.0, 2 / 11), (8.5, 2 / 11), (0.0, 1.0), (-5.0, 1.0)])
def test_p_value_counts_the_true_labels_as_a_shuffle(observed, p):
    """Phipson and Smyth: never zero; large values speak against the null; ties count."""
    assert PermutationNull(observed, tuple(map(float, range(10)))).p_value() == pytest.approx(p)


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e6])
def test_values_equal_but_for_rounding_count_as_reached(scale):
    """At any scale; a real shortfall does not."""
    observed = 0.3 * scale
    almost = (0.1 + 0.2) * scale
    below = np.nextafter(observed, 0.0)
    assert PermutationNull(almost, (below, below, observed)).p_value() == 1.0
    assert PermutationNull(observed, (observed * (1 - 1e-9),) * 3).p_value() == 0.25


def test_p_value_under_the_null_is_no_smaller_than_it_says():
    """Three hundred data sets without a difference: p <= 10 % in a tenth of them, within 99 % of chance."""
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1], 10)
    hits = 0
    for trial in range(300):
        values = rng.exponential(size=20)
        null = permutation_null(lambda shuffled, v=values: float(v @ shuffled), labels, seed=trial, permutations=99)
        hits += null.p_value() <= 0.1
    assert stats.binom.ppf(0.005, 300, 0.1) <= hits <= stats.binom.ppf(0.995, 300, 0.1)


def test_seed_decides_the_shuffles():
    """Neither the global state nor the call before."""
    first = permutation_null(gap, LABELS, seed=7, permutations=20)
    np.random.seed(0)  # noqa: NPY002
    assert permutation_null(gap, LABELS, seed=7, permutations=20) == first
    assert permutation_null(gap, LABELS, seed=8, permutations=20).null != first.null


def test_labels_given_are_not_shuffled_in_place():
    """They are still the truth afterwards."""
    labels = LABELS.copy()
    permutation_null(gap, labels, seed=0, permutations=5)
    np.testing.assert_array_equal(labels, LABELS)


@pytest.mark.parametrize(
    ("labels", "shuffles", "said"),
    [
        ([1, 1, 1], 9, r"shape \(3,\) with 1 different value\(s\) and 9 shuffle"),
        ([[0, 1], [1, 0]], 9, r"shape \(2, 2\) with 2 different value\(s\) and 9 shuffle"),
        ([0, 1, 1], 0, r"shape \(3,\) with 2 different value\(s\) and 0 shuffle"),
        ([], 9, r"shape \(0,\) with 0 different"),
    ],
)
def test_labels_that_tell_no_two_samples_apart_are_refused(labels, shuffles, said):
    """The message gives shape, kinds and shuffles."""
    with pytest.raises(UserError, match="labels of two samples and a shuffle or more; got labels of " + said):
        permutation_null(lambda labels: 0.0, np.array(labels), seed=0, permutations=shuffles)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("when", ["observed", "shuffled"])
def test_a_statistic_that_is_not_finite_is_refused(bad, when):
    """With the true labels or with shuffled ones."""

    def statistic(labels):
        return bad if (labels == LABELS).all() == (when == "observed") else 0.0

    with pytest.raises(UserError, match="permutation null gave a value that is not finite"):
        permutation_null(statistic, LABELS, seed=0, permutations=9)


def test_level_of_the_band_is_checked():
    """Before the quantiles."""
    with pytest.raises(ValueError, match="level lies between 0 and 1"):
        PermutationNull(0.0, (1.0, 2.0)).band(level=95)
