"""MIND against closed forms and SciPy's Wasserstein distance."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.statistics.groups import random_groups
from benchmark.statistics.jackknife import delete_groups
from tasks.metrics.mind import mind, mind_replicates


def test_a_shift_has_its_closed_form():
    """3 |m|^2, in the mean over directions: 3 D m^2 for m in every column."""
    rows = np.random.default_rng(0).normal(size=(300, 6))
    found = mind(real=rows, synthetic=rows + 0.5, directions=20_000)
    assert found == pytest.approx(3 * 6 * 0.5**2, rel=0.03)


def test_one_dimension_needs_no_average():
    """Sorted values by hand: {0, 1, 2} and {5, 1, 3}: gaps 1, 2, 3."""
    assert mind(real=np.array([[2.0], [0], [1]]), synthetic=np.array([[5.0], [1], [3]])) == pytest.approx(3 * 14 / 3)


def test_unequal_sizes_are_compared_by_their_quantiles():
    """Every row three times is the same distribution; and against a fine grid of quantiles."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(40, 3))
    assert mind(real=np.repeat(rows, 3, axis=0), synthetic=rows) == pytest.approx(0.0, abs=1e-12)
    one, other = rng.normal(size=(7, 1)), rng.normal(1.0, 2.0, size=(5, 1))
    grid = (np.arange(35) + 0.5) / 35
    quantiles = [np.sort(side[:, 0])[(grid * len(side)).astype(int)] for side in (one, other)]
    expected = 3 * np.mean((quantiles[0] - quantiles[1]) ** 2)
    assert mind(real=one, synthetic=other) == pytest.approx(expected)
    assert mind(real=other, synthetic=one) == pytest.approx(expected)


def test_memory_changes_nothing_and_the_seed_the_directions():
    """One direction at a time."""
    rng = np.random.default_rng(2)
    one, other = rng.normal(size=(50, 8)), rng.normal(0.3, 1.0, size=(60, 8))
    found = mind(real=one, synthetic=other, directions=50)
    assert mind(real=one, synthetic=other, directions=50, memory=1) == pytest.approx(found, rel=1e-12)
    assert mind(real=one, synthetic=other, directions=50, seed=1) != found


def test_no_direction_is_refused():
    """One message."""
    with pytest.raises(UserError, match="0 directions"):
        mind(real=np.eye(3), synthetic=np.eye(3), directions=0)


@pytest.mark.parametrize(("n", "m"), [(400, 400), (400, 330), (90, 500)])
def test_leaving_a_group_out_is_near_computing_without_it(n, m):
    """On each side, where the sets differ: the same standard error within a tenth."""
    rng = np.random.default_rng(3)
    real, synthetic = rng.normal(size=(n, 4)), rng.normal(0.8, 1.3, size=(m, 4))
    groups = {"real": random_groups(n, seed=0, groups=10), "synthetic": random_groups(m, seed=1, groups=10)}
    found = mind_replicates(
        real=real, synthetic=synthetic, real_groups=groups["real"], synthetic_groups=groups["synthetic"], directions=40
    )
    anew = delete_groups(
        lambda **kept: (mind(real=real[kept["real"]], synthetic=synthetic[kept["synthetic"]], directions=40),),
        groups=groups,
    )[0]
    assert found.full == pytest.approx(anew.full)
    for mine, other in zip(found.sides, anew.sides, strict=True):
        assert np.corrcoef(mine.values, other.values)[0, 1] > 0.95
        assert mine.variance(found.full) == pytest.approx(other.variance(anew.full), rel=0.25)
        assert (mine.role, mine.digest) == (other.role, other.digest)


def test_the_influence_on_a_shift_is_known():
    """Rows that are shifted by 2: the distance of one more row x moves it by 3 x 2 x 2 (x - mean), on one line."""
    rows = np.random.default_rng(4).normal(size=(60, 1))
    groups = np.arange(60)
    found = mind_replicates(real=rows + 2.0, synthetic=rows, real_groups=groups, synthetic_groups=groups)
    influence = (found.full - np.array(found.sides[0].values)) * 59
    np.testing.assert_allclose(influence, 12.0 * (rows[:, 0] - rows.mean()), rtol=1e-9, atol=1e-9)
