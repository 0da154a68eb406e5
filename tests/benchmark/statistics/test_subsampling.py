"""Subsampled halves: textbook errors for a mean, halves that part the data, honest edges."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from benchmark.errors import UserError
from benchmark.statistics.groups import slide_groups
from benchmark.statistics.subsampling import EDGE_METHOD, METHOD, Subsamples, difference, subsample


def of_mean(values, *, seed=0, splits=50, groups=None):
    chosen = np.arange(len(values)) if groups is None else groups
    return subsample(lambda *, real: (values[real].mean(),), groups={"real": chosen}, seed=seed, splits=splits)[0]


def all_halves(values):
    """Means of the two halves of every split of an even number of values."""
    count, rows = len(values), set(range(len(values)))
    halves = [half for half in itertools.combinations(range(count), count // 2) if 0 in half]
    first = tuple(float(values[list(half)].mean()) for half in halves)
    second = tuple(float(values[list(rows - set(half))].mean()) for half in halves)
    return Subsamples(float(values.mean()), first, second, count, "")


def test_over_all_splits_both_forms_are_the_textbook_error_of_a_mean():
    """It is s / sqrt(n): exactly for the halves' differences, but for the divisor of the spread."""
    values = np.random.default_rng(0).exponential(size=8)
    found, known = all_halves(values), stats.sem(values)
    count = 2 * len(found.first)
    assert found.half_standard_error == pytest.approx(known, rel=1e-12)
    assert found.rescaled_standard_error == pytest.approx(known * math.sqrt(count / (count - 1)), rel=1e-12)


def test_random_splits_come_near_the_textbook_error():
    """Two thousand splits of forty values."""
    values = np.random.default_rng(1).normal(3.0, 2.0, 40)
    found = of_mean(values, splits=2000)
    assert found.full == pytest.approx(values.mean())
    assert found.standard_error == pytest.approx(stats.sem(values), rel=0.05)


def test_two_samples_add_their_variances():
    """A difference of means of unlike sizes: s^2 / n + s^2 / m."""
    rng = np.random.default_rng(2)
    real, synthetic = rng.normal(size=60), rng.normal(0, 4, size=20)
    found = subsample(
        lambda **rows: (real[rows["real"]].mean() - synthetic[rows["synthetic"]].mean(),),
        groups={"real": np.arange(60), "synthetic": np.arange(20)}, seed=0, splits=3000,
    )[0]  # fmt: skip
    assert found.standard_error**2 == pytest.approx(real.var(ddof=1) / 60 + synthetic.var(ddof=1) / 20, rel=0.08)
    assert found.units == 20


def test_whole_slides_carry_the_error_of_slides():
    """Every value five times on its slide: the error of the values, not of the copies."""
    values = np.random.default_rng(3).normal(size=24)
    copied, slides = np.repeat(values, 5), slide_groups(np.repeat([f"s{row:02}" for row in range(24)], 5))
    assert of_mean(copied, groups=slides, splits=2000).standard_error == pytest.approx(stats.sem(values), rel=0.05)
    assert of_mean(copied, splits=2000).standard_error < 0.6 * stats.sem(values)


def mean_of_products(values):
    """The mean of x_i x_j over pairs: of expectation 0 where values are centered, and nothing but interaction."""
    count = len(values)
    return (values.sum() ** 2 - (values**2).sum()) / (count * (count - 1))


def test_the_two_forms_part_where_rows_interact():
    """Pure pairs: the spread is (1 - f^2) / (1 - f) = 3 / 2 of the halves' form, and neither is below the truth."""
    rng = np.random.default_rng(4)
    full, half, spread = [], [], []
    for trial in range(300):
        values = rng.normal(size=40)
        found = subsample(
            lambda *, real, values=values: (mean_of_products(values[real]),),
            groups={"real": np.arange(40)}, seed=trial, splits=20,
        )[0]  # fmt: skip
        full.append(found.full)
        half.append(found.half_standard_error**2)
        spread.append(found.rescaled_standard_error**2)
    assert np.mean(spread) / np.mean(half) == pytest.approx(1.5, rel=0.1)
    assert np.mean(half) > np.var(full)


class Recorder:
    """A statistic that keeps what it was called with."""

    def __init__(self):
        self.calls = []

    def __call__(self, **rows):
        self.calls.append(rows)
        return [float(sum(part.sum() for part in rows.values())), 1.0 + len(self.calls)]


@pytest.mark.parametrize(("units", "rows"), [(10, 10), (11, 11), (7, 35)])
def test_each_split_parts_all_rows_and_no_unit(units, rows):
    """Two halves without a row in common, together everything, whole units, sizes floor and ceiling, rows rising."""
    groups = {"real": np.random.default_rng(0).permutation(np.arange(rows) % units), "synthetic": np.arange(6)}
    statistic = Recorder()
    subsample(statistic, groups=groups, seed=1, splits=9)
    whole, *halves = statistic.calls
    assert len(halves) == 18
    assert {role: part.tolist() for role, part in whole.items()} == {"real": [*range(rows)], "synthetic": [*range(6)]}
    for one, other in zip(halves[::2], halves[1::2], strict=True):
        for role, labels in groups.items():
            first, second = one[role], other[role]
            assert sorted([*first, *second]) == [*range(len(labels))]
            assert not set(labels[first]) & set(labels[second])
            count = len(set(labels))
            assert (len(set(labels[first])), len(set(labels[second]))) == (count // 2, count - count // 2)
            assert (np.diff(first) > 0).all()
            assert first.dtype == second.dtype == np.int64


def test_splits_are_drawn_at_random_and_roles_apart():
    """Every pair of rows is parted about as often as not, and the two roles are not split alike."""
    statistic = Recorder()
    subsample(statistic, groups={"real": np.arange(6), "synthetic": np.arange(6)}, seed=2, splits=400)
    first = statistic.calls[1::2]
    inside = np.array([[row in call["real"] for row in range(6)] for call in first], dtype=float)
    beside = np.array([[row in call["synthetic"] for row in range(6)] for call in first], dtype=float)
    assert np.abs(inside.mean(axis=0) - 0.5).max() < 0.08
    together = (inside.T @ inside / 400)[np.triu_indices(6, 1)]
    assert np.abs(together - 0.2).max() < 0.06
    assert np.mean(inside == beside) == pytest.approx(0.5, abs=0.06)


def test_fifty_splits_unless_told_otherwise():
    """A hundred and one evaluations."""
    statistic = Recorder()
    found = subsample(statistic, groups={"real": np.arange(8)}, seed=0)
    assert len(statistic.calls) == 101
    assert (len(found[0].first), len(found[0].second)) == (50, 50)


def test_values_stay_in_their_columns():
    """One Subsamples a value, first halves and second halves in the order of the calls."""
    statistic = Recorder()
    sums, numbers = subsample(statistic, groups={"real": np.arange(8)}, seed=0, splits=3)
    calls = [float(call["real"].sum()) for call in statistic.calls]
    assert (sums.full, sums.first, sums.second) == (calls[0], tuple(calls[1::2]), tuple(calls[2::2]))
    assert (numbers.full, numbers.first, numbers.second) == (2.0, (3.0, 5.0, 7.0), (4.0, 6.0, 8.0))


def test_seed_and_units_decide_the_splits():
    """Equal digests mean equal halves."""
    values = np.random.default_rng(5).normal(size=20)
    base = of_mean(values, seed=3)
    assert of_mean(values, seed=3) == base
    again = of_mean(values + 1, seed=3)
    assert again.digest == base.digest
    others = [
        of_mean(values, seed=4),
        of_mean(values, seed=3, splits=49),
        of_mean(values, seed=3, groups=np.arange(20) % 10),
        of_mean(values[:18], seed=3),
    ]
    assert len({base.digest, *(other.digest for other in others)}) == 5


def test_interval_is_the_full_value_and_a_t_quantile():
    """SciPy's, at 1 / df = 1 / splits + 1 / (units - 1), and not about the halves' own mean."""
    found = Subsamples(10.0, (1.0, 3.0), (2.0, 5.0), 4, "")
    half = math.sqrt(((1 - 2) ** 2 + (3 - 5) ** 2) / 2) / 2
    spread = np.std([1, 3, 2, 5], ddof=1)
    error = math.sqrt((half**2 + spread**2) / 2)
    assert found.standard_error == pytest.approx(error)
    assert found.df == pytest.approx(1 / (1 / 2 + 1 / 3))
    interval = found.interval(level=0.9)
    known = stats.t.interval(0.9, found.df, loc=10.0, scale=error)
    assert (interval.low, interval.high) == pytest.approx(known)
    assert (interval.level, interval.method, interval.df) == (0.9, METHOD, found.df)
    assert found.p_value() == pytest.approx(2 * stats.t.sf(10 / error, found.df))


def test_interval_is_cut_to_the_bounds():
    """A share is neither below 0 nor above 1."""
    found = Subsamples(0.9, (0.2, 1.0), (0.9, 0.4), 20, "").interval(bounds=(0.0, 1.0))
    assert found.high == 1.0
    assert 0.0 <= found.low < 0.9


@pytest.mark.parametrize("full", [0.0, 1.0])
def test_a_share_at_its_edge_has_the_exact_binomial_bound(full):
    """Clopper and Pearson's interval for 20 of 20, or none of 20, whether or not some half has one."""
    found = Subsamples(full, (full,) * 5, (full,) * 5, 20, "").interval(bounds=(0.0, 1.0))
    lucky = Subsamples(full, (abs(full - 0.01), *(full,) * 4), (full,) * 5, 20, "").interval(bounds=(0.0, 1.0))
    assert lucky == found
    known = stats.binomtest(int(full * 20), 20).proportion_ci(0.95, method="exact")
    assert (found.low, found.high) == pytest.approx((known.low, known.high))
    assert (found.method, found.df) == (EDGE_METHOD, None)


@pytest.mark.parametrize("constant", [0.3, 0.1, 0.7, 1 / 3, 0.999])
@pytest.mark.parametrize("bounds", [(0.0, 1.0), (0.0, math.inf)])
def test_halves_that_are_all_equal_say_nothing(constant, bounds):
    """Also where the mean of equal numbers rounds: neither an interval nor a p-value."""
    found = Subsamples(constant, (constant,) * 30, (constant,) * 30, 20, "")
    assert found.standard_error == 0.0
    assert found.interval(bounds=bounds) is None
    assert found.p_value() is None


def test_an_edge_of_something_that_is_no_share_says_nothing():
    """A density of exactly 1, or of 0, may be anything beyond."""
    for full in (0.0, 1.0):
        assert Subsamples(full, (full,) * 5, (full,) * 5, 20, "").interval(bounds=(0.0, math.inf)) is None


def test_a_small_spread_is_not_taken_for_rounding():
    """A millionth of the value."""
    found = Subsamples(1.0, (1.0, 1.000001), (1.000002, 1.0), 20, "")
    assert found.standard_error > 0.0
    assert found.interval() is not None


def test_difference_is_paired_signed_and_half_by_half():
    """What both share cancels; first less second."""
    rng = np.random.default_rng(6)
    shared, own = rng.normal(size=50), 0.05 * rng.normal(size=50)
    one, other = of_mean(shared + own + 2), of_mean(shared)
    gap = difference(one, other)
    assert gap.full == pytest.approx(own.mean() + 2)
    assert gap.first == pytest.approx(np.subtract(one.first, other.first))
    assert gap.second == pytest.approx(np.subtract(one.second, other.second))
    assert gap.standard_error == pytest.approx(of_mean(own).standard_error)
    assert gap.standard_error < 0.2 * other.standard_error
    assert (gap.units, gap.digest, gap.df) == (one.units, one.digest, one.df)
    assert difference(other, one).full == pytest.approx(-gap.full)


def test_difference_of_other_splits_is_refused():
    """Another seed, or another number of splits under one digest."""
    values = np.random.default_rng(7).normal(size=20)
    with pytest.raises(UserError, match="split differently, so their difference is not paired"):
        difference(of_mean(values), of_mean(values, seed=1))
    short, long = (Subsamples(0.5, (0.1,) * n, (0.2,) * n, 9, "same") for n in (2, 3))
    with pytest.raises(UserError, match="same rows, requests and seed on both"):
        difference(short, long)


@pytest.mark.parametrize(
    ("first", "second", "units"), [((0.1,), (0.2,), 9), ((0.1, 0.2), (0.2,), 9), ((), (), 9), ((0.1, 0.2), (0.3, 0.1), 1)]
)  # fmt: skip
def test_too_few_splits_or_units_are_refused(first, second, units):
    """One has no spread."""
    with pytest.raises(ValueError, match="two splits or more of two units or more"):
        Subsamples(0.5, first, second, units, "")


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("where", ["full", "first", "second"])
def test_values_that_are_not_finite_are_refused(bad, where):
    """Wherever they are."""
    good = {"full": 0.5, "first": (0.1, 0.2), "second": (0.3, 0.4)}
    with pytest.raises(ValueError, match="A subsample gave a value that is not finite"):
        Subsamples(**{**good, where: bad if where == "full" else (0.1, bad)}, units=5, digest="")


def test_one_split_is_too_few():
    """By the same words."""
    with pytest.raises(ValueError, match="two splits or more"):
        of_mean(np.arange(6.0), splits=1)


def test_groups_that_cannot_be_split_are_refused_by_role():
    """One unit has no halves."""
    with pytest.raises(UserError, match="Groups of the synthetic rows"):
        subsample(lambda **rows: (0.0,), groups={"real": np.arange(4), "synthetic": np.zeros(4, dtype=int)}, seed=0)


def test_level_is_checked_even_where_nothing_varies():
    """Before an answer of any kind."""
    with pytest.raises(ValueError, match="level lies between 0 and 1"):
        Subsamples(0.5, (0.5, 0.5), (0.5, 0.5), 9, "").interval(level=95)
