from __future__ import annotations

import json

import numpy as np
import pytest
import scipy.stats

from benchmark.errors import UserError
from benchmark.statistics.groups import random_groups, request_groups, slide_groups
from benchmark.statistics.jackknife import Replicates, Side, delete_groups, difference
from benchmark.statistics.paired import holm, paired_mean


def of_mean(values, groups):
    return delete_groups(lambda *, real: (values[real].mean(),), groups={"real": groups})[0]


def test_mean_has_its_textbook_error():
    """One row a group: s / sqrt(n) and the t interval, exactly."""
    values = np.random.default_rng(0).normal(size=30)
    found = of_mean(values, np.arange(30))
    assert found.standard_error == pytest.approx(values.std(ddof=1) / 30**0.5, rel=1e-10)
    low, high = scipy.stats.t.interval(0.95, 29, loc=values.mean(), scale=scipy.stats.sem(values))
    interval = found.interval()
    assert (interval.low, interval.high) == (pytest.approx(low), pytest.approx(high))


def test_two_samples_add_their_variances():
    """A difference of means: the variances of both sides."""
    rng = np.random.default_rng(1)
    real, synthetic = rng.normal(size=40), rng.normal(size=25) * 3
    found = delete_groups(
        lambda **rows: (real[rows["real"]].mean() - synthetic[rows["synthetic"]].mean(),),
        groups={"real": np.arange(40), "synthetic": np.arange(25)},
    )[0]
    assert found.standard_error**2 == pytest.approx(real.var(ddof=1) / 40 + synthetic.var(ddof=1) / 25, rel=1e-10)


def test_unequal_groups_follow_busing():
    """The published formula, written out."""
    values = np.random.default_rng(2).normal(size=20)
    groups = np.repeat([0, 1, 2, 3], [2, 3, 5, 10])
    found, n, full = of_mean(values, groups), 20, values.mean()
    left = np.array([values[groups != group].mean() for group in range(4)])
    m = np.bincount(groups)
    h = n / m
    center = 4 * full - ((1 - m / n) * left).sum()
    variance = np.mean((h * full - (h - 1) * left - center) ** 2 / (h - 1))
    assert found.standard_error**2 == pytest.approx(variance, rel=1e-10)


def test_paired_difference_is_narrower_than_its_parts():
    """What both share cancels; the sign is first less second; other groups are refused."""
    rng = np.random.default_rng(3)
    shared, own = rng.normal(size=60), rng.normal(size=60) * 0.1
    groups = random_groups(60, seed=0, groups=20)
    one, other = of_mean(shared + own + 1, groups), of_mean(shared, groups)
    gap = difference(one, other)
    assert gap.full == pytest.approx(own.mean() + 1)
    assert gap.standard_error < 0.3 * other.standard_error
    with pytest.raises(UserError, match="not paired"):
        difference(one, of_mean(shared, random_groups(60, seed=1, groups=20)))


def test_replicates_survive_json_to_the_last_bit():
    """So that differences can be made from records."""
    found = of_mean(np.random.default_rng(4).normal(size=9), np.arange(9))
    assert Replicates.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_groups_keep_slides_whole_and_requests_shared():
    """No slide is in two groups; a request's group depends on its index alone."""
    slides = np.array([f"slide-{row % 70}" for row in range(700)])
    groups = slide_groups(slides, most=50)
    assert all(len(set(groups[slides == slide])) == 1 for slide in set(slides))
    assert groups.max() == 49
    whole = request_groups(np.arange(100), total=100, seed=0)
    assert request_groups(np.arange(40, 100), total=100, seed=0).tolist() == whole[40:].tolist()


def test_seeds_are_compared_in_pairs():
    """SciPy's paired t-test; Holm's steps by hand."""
    first, second = [3.0, 4.5, 5.1, 6.0, 5.5], [2.0, 4.0, 4.0, 5.5, 5.0]
    found = paired_mean(first, second)
    theirs = scipy.stats.ttest_rel(first, second)
    interval = theirs.confidence_interval(0.95)
    assert (found.interval.low, found.interval.high) == (pytest.approx(interval.low), pytest.approx(interval.high))
    assert found.p_value == pytest.approx(theirs.pvalue)
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))


def test_first_order_is_exact_for_a_mean():
    """The influence of a row on a mean is its own value less the mean; unequal groups too."""
    values, groups = np.random.default_rng(3).exponential(size=50), np.repeat([0, 1, 2, 3], [5, 10, 15, 20])
    found = Side.first_order("given", full=values.mean(), influence=values - values.mean(), groups=groups)
    anew = [values[groups != group].mean() for group in range(4)]
    assert found.values == pytest.approx(anew)
    assert found.sizes == (5, 10, 15, 20)
