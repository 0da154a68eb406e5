"""Paired seeds against SciPy; Holm's steps by hand and by his own rule."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from benchmark.errors import UserError
from benchmark.statistics.paired import compare_all_pairs, holm, paired_mean

FIRST, SECOND = [3.0, 4.5, 5.1, 6.0, 5.5], [2.0, 4.0, 4.0, 5.5, 5.2]


def rejected_by_the_rule(p_values, level):
    """Holm's procedure as he states it: smallest first, against level / hypotheses left, stop at the first kept."""
    rejected = set()
    for left, index in zip(range(len(p_values), 0, -1), np.argsort(p_values, kind="stable"), strict=True):
        if p_values[index] > level / left:
            break
        rejected.add(int(index))
    return rejected


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_equal_to_scipys_paired_t_test(level):
    """Mean, error, interval and p-value."""
    found, known = paired_mean(FIRST, SECOND, level=level), stats.ttest_rel(FIRST, SECOND)
    gaps = np.subtract(FIRST, SECOND)
    interval = known.confidence_interval(level)
    assert found.value == pytest.approx(gaps.mean())
    assert found.standard_error == pytest.approx(stats.sem(gaps))
    assert (found.interval.low, found.interval.high) == pytest.approx((interval.low, interval.high))
    assert (found.interval.df, found.interval.level) == (4.0, level)
    assert found.interval.method == "paired t over seeds"
    assert found.p_value == pytest.approx(known.pvalue)
    assert found.seeds == 5


def test_first_less_second():
    """Swapped, all signs turn and the p-value stays."""
    one, other = paired_mean(FIRST, SECOND), paired_mean(SECOND, FIRST)
    assert one.value > 0 > other.value
    assert (one.interval.low, one.interval.high) == pytest.approx((-other.interval.high, -other.interval.low))
    assert one.p_value == pytest.approx(other.p_value)


def test_luck_that_seeds_share_cancels():
    """The same large swing on both: the pairing leaves the small differences."""
    swing = np.array([0.0, 50.0, -80.0, 20.0, 400.0])
    alone, shared = paired_mean(FIRST, SECOND), paired_mean(swing + FIRST, swing + SECOND)
    assert shared.standard_error == pytest.approx(alone.standard_error, rel=1e-9)


@pytest.mark.parametrize(("seeds", "conditional"), [(2, True), (4, True), (5, False)])
def test_fewer_than_five_seeds_are_conditional(seeds, conditional):
    """And are printed as such."""
    assert paired_mean(FIRST[:seeds], SECOND[:seeds]).conditional is conditional


@pytest.mark.parametrize("offset", [0.0, 0.1, -3.7])
def test_equal_differences_are_no_replicates(offset):
    """Also where rounding makes them differ in the last bit: no interval, no p-value."""
    first = np.array([0.3, 0.7, 1.1, 1e3])
    found = paired_mean(first + offset, first)
    assert found.value == pytest.approx(offset)
    assert (found.standard_error, found.interval, found.p_value) == (0.0, None, None)


def test_small_differences_of_large_numbers_are_still_differences():
    """A millionth of the level is not rounding."""
    found = paired_mean([1e6 + 1, 1e6 + 2, 1e6 + 1.5], [1e6, 1e6, 1e6])
    assert found.value == pytest.approx(1.5)
    assert found.p_value == pytest.approx(stats.ttest_1samp([1, 2, 1.5], 0).pvalue, rel=1e-6)


@pytest.mark.parametrize(("one", "other"), [([1.0, 2.0], [1.0]), ([1.0], [2.0]), ([], [])])
def test_values_that_do_not_pair_are_refused(one, other):
    """With both counts."""
    said = rf"the same two seeds or more on both variants; got {len(one)} and {len(other)} values"
    with pytest.raises(UserError, match=said):
        paired_mean(one, other)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_failed_seed_is_refused(bad):
    """On either side."""
    for one, other in (([1.0, bad, 2.0], [1.0, 2.0, 2.0]), ([1.0, 2.0, 2.5], [1.0, bad, 2.0])):
        with pytest.raises(UserError, match="not finite: leave out the seeds that failed"):
            paired_mean(one, other)


def test_level_is_checked():
    """Before an interval is made."""
    with pytest.raises(ValueError, match="level lies between 0 and 1"):
        paired_mean(FIRST, SECOND, level=95)


@pytest.mark.parametrize(
    ("given", "by_hand"),
    [
        ([0.01, 0.04, 0.03], (0.03, 0.06, 0.06)),
        ([0.01, 0.011], (0.02, 0.02)),
        ([0.2, 0.001, 0.04, 0.015], (0.2, 0.004, 0.08, 0.045)),
        ([0.6, 0.7, 0.5], (1.0, 1.0, 1.0)),
        ([0.02, 0.02, 0.02], (0.06, 0.06, 0.06)),
        ([0.0, 1.0], (0.0, 1.0)),
        ([0.03], (0.03,)),
        ([], ()),
    ],
)
def test_holm_worked_by_hand(given, by_hand):
    """Smallest times all, next times one less, never falling, never above 1, in the order given."""
    assert holm(given) == pytest.approx(by_hand, abs=1e-15)


def test_holm_decides_as_his_rule_does():
    """Rejected at a level: just those whose adjusted value is not above it."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        p_values = np.round(rng.beta(0.3, 1.0, rng.integers(1, 9)), 3)
        adjusted = holm(p_values)
        for level in (0.01, 0.0501, 0.2003):
            assert {i for i, p in enumerate(adjusted) if p <= level} == rejected_by_the_rule(p_values, level)


def test_holm_is_never_below_its_own_p_value_nor_above_bonferroni():
    """It gains on Bonferroni and gives up nothing."""
    p_values = np.random.default_rng(1).beta(0.3, 3.0, size=30)
    adjusted = np.array(holm(p_values))
    assert (adjusted >= p_values).all()
    assert (adjusted <= np.minimum(30 * p_values, 1.0)).all()
    assert (adjusted < np.minimum(30 * p_values, 1.0)).any()


def test_holm_keeps_the_family_wise_error():
    """All six nulls true: at most 5 % of families reject any; a sound method passes this 99 % of the time."""
    p_values = np.random.default_rng(2).uniform(size=(2000, 6))
    families = sum(min(holm(row)) <= 0.05 for row in p_values)
    assert families <= stats.binom.ppf(0.99, 2000, 0.05)
    assert families >= stats.binom.ppf(0.01, 2000, 1 - (1 - 0.05 / 6) ** 6)


@pytest.mark.parametrize("bad", [-0.1, 1.1, math.nan])
def test_what_is_no_p_value_is_refused(bad):
    """Anywhere in the family."""
    with pytest.raises(ValueError, match="p-values lie between 0 and 1, got"):
        holm([0.5, bad])


def test_every_pair_once_in_order_with_its_own_interval_and_the_familys_p_value():
    """Three variants, three pairs."""
    values = {"a": FIRST, "b": SECOND, "c": [1.0, 1.5, 2.2, 2.0, 2.6]}
    found = compare_all_pairs(values, level=0.9)
    assert [(pair.first, pair.second) for pair in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    for pair in found:
        assert pair.mean == paired_mean(values[pair.first], values[pair.second], level=0.9)
    assert [pair.adjusted_p for pair in found] == pytest.approx(holm([pair.mean.p_value for pair in found]))


def test_a_pair_that_cannot_be_tested_has_no_p_value_and_the_rest_keep_theirs():
    """Twins differ by nothing; the p-values of the others stay with their pairs."""
    found = compare_all_pairs({"a": FIRST, "twin": FIRST, "c": [1.0, 1.5, 2.2, 2.0, 2.6]})
    twins, first, second = found
    assert (twins.mean.p_value, twins.adjusted_p) == (None, None)
    assert first.mean.p_value == second.mean.p_value
    assert first.adjusted_p == second.adjusted_p == pytest.approx(2 * first.mean.p_value)


def test_one_variant_has_no_pairs():
    """Nor have none."""
    assert compare_all_pairs({"a": FIRST}) == compare_all_pairs({}) == ()
