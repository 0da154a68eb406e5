"""The Vendi score against its authors' code and closed forms."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from vendi_score import vendi

from benchmark.errors import UserError
from benchmark.statistics.groups import random_groups
from benchmark.statistics.jackknife import delete_groups
from tasks.metrics import vendi as module
from tasks.metrics.vendi import vendi_replicates, vendi_score


@pytest.mark.parametrize(("n", "d"), [(60, 8), (8, 60), (30, 30)])
@pytest.mark.parametrize("q", [0.5, 1.0, 2.0, math.inf])
def test_equal_to_its_authors(n, d, q):
    """By the larger or the smaller of both matrices; their form of the smaller one knows the order."""
    features = np.random.default_rng(0).normal(0.4, 1.0, (n, d))
    theirs = vendi.score_dual(features, q="inf" if math.isinf(q) else q)
    # At q below 1 their eigenvalues at rounding level, of either sign, count; ours are left out.
    rounding = 1e-3 if q < 1 and n < d else 1e-9
    assert vendi_score(features=features, q=q) == pytest.approx(theirs, rel=rounding)


@pytest.mark.parametrize("q", [0.0, 0.5, 1.0, 2.0, math.inf])
def test_as_many_as_there_are_kinds(q):
    """Five directions at right angles, four copies of each, of any length: five. One direction: one."""
    rows = np.repeat(np.eye(7)[:5], 4, axis=0) * np.arange(1, 21)[:, None]
    assert vendi_score(features=rows, q=q) == pytest.approx(5.0)
    assert vendi_score(features=rows[:4], q=q) == pytest.approx(1.0)


def test_unequal_kinds_by_hand():
    """Three of one kind and one of another: weights 3/4 and 1/4."""
    rows = np.eye(2)[[0, 0, 0, 1]]
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert vendi_score(features=rows) == pytest.approx(math.exp(entropy))
    assert vendi_score(features=rows, q=2) == pytest.approx(1 / (9 / 16 + 1 / 16))
    assert vendi_score(features=rows, q=math.inf) == pytest.approx(4 / 3)
    assert vendi_score(features=rows, q=0) == pytest.approx(2.0)


@pytest.mark.parametrize("off", [1e-15, 1e-14, 1e-9, 1e-4, 0.0999, 0.1001, 0.9, 999.0, 1e6, 1e300])
@pytest.mark.parametrize("side", [-1, 1])
def test_orders_near_one_and_large_ones_lose_no_digits(off, side):
    """Against sixty digits: 1 to 40 rows of forty kinds; the powers of their weights vanish in double precision."""
    q = 1.0 + side * off if off < 1.0 else off**side
    expected = math.exp(renyi([Decimal(kind) / 820 for kind in range(1, 41)], q))
    found = vendi_score(features=np.repeat(np.eye(40), np.arange(1, 41), axis=0), q=q)
    assert found == pytest.approx(expected, rel=1e-12)


def renyi(weights, q):
    """Rényi entropy of an order other than 1, by its definition."""
    with localcontext(prec=60, Emin=-(10**17), Emax=10**17):
        order = Decimal(q)
        if q > 1e9:  # All powers but the largest weight's are zero beside it.
            return order / (1 - order) * max(weights).ln()
        return sum(weight**order for weight in weights).ln() / (1 - order)


@pytest.mark.parametrize("q", [1.0 + 1e-14, 1000.0])
def test_leaving_a_group_out_loses_no_digits_either(q):
    """Orders whose plain powers are all rounding, or all zero: as many as there are kinds."""
    found = vendi_replicates(features=np.repeat(np.eye(50), 4, axis=0), groups=np.arange(200) % 4, q=q)
    assert [found.full, *found.sides[0].values] == pytest.approx([50.0] * 5)


def test_blocks_and_lengths_change_nothing(monkeypatch):
    """Few rows at a time; rows too long or too short to be squared."""
    features = np.random.default_rng(0).normal(size=(50, 4))
    expected = vendi_score(features=features)
    monkeypatch.setattr(module, "_ROWS", 7)
    assert vendi_score(features=features) == pytest.approx(expected)
    for scale in (1e-200, 1e29):
        assert vendi_score(features=features * scale) == pytest.approx(expected)


def test_what_has_no_score_is_refused():
    """A row without a direction, an order below 0, and what every metric refuses."""
    with pytest.raises(UserError, match="Row 2 of the features is all zero"):
        vendi_score(features=np.array([[1.0], [2.0], [0.0]]))
    for q in (-1.0, math.nan):
        with pytest.raises(UserError, match="order q"):
            vendi_score(features=np.eye(3), q=q)


@pytest.mark.parametrize(("n", "d"), [(300, 6), (60, 300)])
@pytest.mark.parametrize("q", [0.5, 1.0, 2.0, math.inf])
def test_leaving_a_group_out_is_computing_without_it(n, d, q):
    """By the larger or the smaller of both matrices."""
    rng = np.random.default_rng(1)
    rows = rng.normal(0.3, 1.0, (n, d)) * np.geomspace(3.0, 0.3, d)
    groups = random_groups(n, seed=0, groups=10)
    found = vendi_replicates(features=rows, groups=groups, q=q)
    (anew,) = delete_groups(lambda **kept: (vendi_score(features=rows[kept["given"]], q=q),), groups={"given": groups})
    assert found.full == pytest.approx(anew.full)
    assert found.sides[0].values == pytest.approx(anew.sides[0].values, rel=1e-9)
    assert (found.sides[0].sizes, found.sides[0].digest) == (anew.sides[0].sizes, anew.sides[0].digest)


def test_a_count_has_no_jackknife():
    """Order 0."""
    with pytest.raises(UserError, match="order 0 counts directions"):
        vendi_replicates(features=np.eye(4), groups=np.arange(4), q=0)
