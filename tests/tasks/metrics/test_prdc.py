"""PRDC against its authors' code, its definition row by row, and cases whose answer is known."""

from __future__ import annotations

import numpy as np
import prdc as authors
import pytest

from benchmark.errors import UserError
from tasks.metrics.prdc import DEFAULT_K, prdc


def by_definition(real, synthetic, k):
    """Equations 1 to 4 of Naeem et al., ball by ball, with open balls."""

    def radius(rows, index):
        others = [np.linalg.norm(rows[index] - row) for other, row in enumerate(rows) if other != index]
        return sorted(others)[k - 1]

    in_real = [
        [np.linalg.norm(point - center) < radius(real, index) for index, center in enumerate(real)]
        for point in synthetic
    ]
    in_synthetic = [
        [np.linalg.norm(point - center) < radius(synthetic, index) for index, center in enumerate(synthetic)]
        for point in real
    ]
    return (
        np.mean([any(row) for row in in_real]),
        np.mean([any(row) for row in in_synthetic]),
        np.mean([sum(row) for row in in_real]) / k,
        np.mean([any(column) for column in zip(*in_real, strict=True)]),
    )


@pytest.fixture(params=[(200, 150, 6), (90, 130, 40)])
def rows(request):
    n, m, d = request.param
    rng = np.random.default_rng(n)
    return rng.normal(size=(n, d)), rng.normal(0.3, 1.1, size=(m, d))


def test_equal_to_its_authors(rows):
    """All four, at the published k."""
    theirs = authors.compute_prdc(real_features=rows[0], fake_features=rows[1], nearest_k=5)
    expected = (theirs["precision"], theirs["recall"], theirs["density"], theirs["coverage"])
    np.testing.assert_allclose(tuple(prdc(real=rows[0], synthetic=rows[1])), expected, rtol=0, atol=1e-12)
    assert DEFAULT_K == 5


@pytest.mark.parametrize("k", [1, 2, 5])
@pytest.mark.parametrize(("n", "m"), [(14, 9), (7, 16)])
def test_equal_to_the_definition(k, n, m):
    """Other k, unequal sizes on either side."""
    rng = np.random.default_rng(n)
    real, synthetic = rng.normal(size=(n, 2)), rng.normal(0.5, 0.7, size=(m, 2))
    assert tuple(prdc(real=real, synthetic=synthetic, k=k)) == pytest.approx(by_definition(real, synthetic, k))


def test_a_case_by_hand():
    """Real 0, 1, 2, all radii 1; synthetic -1, 0.5, 5, 9, radii 1.5, 1.5, 4, 4. The point -1 lies on a sphere: out."""
    found = prdc(real=np.array([[0.0], [1], [2]]), synthetic=np.array([[-1.0], [0.5], [5], [9]]), k=1)
    assert found.prdc_precision == pytest.approx(1 / 4)
    assert found.prdc_recall == pytest.approx(1.0)
    assert found.density == pytest.approx(2 / 4)
    assert found.coverage == pytest.approx(2 / 3)


def test_a_collapsed_generator_is_precise_and_covers_little():
    """Swapped roles would turn this around."""
    rng = np.random.default_rng(0)
    real, collapsed = rng.normal(size=(400, 2)) * 5, rng.normal(size=(400, 2)) * 0.05
    found, swapped = prdc(real=real, synthetic=collapsed), prdc(real=collapsed, synthetic=real)
    assert found.prdc_precision > 0.8
    assert found.prdc_recall < 0.05
    assert found.coverage < 0.05
    assert swapped.prdc_precision == found.prdc_recall
    assert swapped.prdc_recall == found.prdc_precision


def test_noise_reaches_everything_and_is_precise_nowhere():
    """At several times the spread of the data; coverage sees through what recall does not."""
    rng = np.random.default_rng(1)
    real, noise = rng.normal(size=(300, 8)), 6 * rng.normal(size=(300, 8))
    found = prdc(real=real, synthetic=noise)
    assert found.prdc_recall > 0.95
    assert found.prdc_precision < 0.05
    assert found.coverage < 0.05


def test_density_may_exceed_one():
    """All synthetic rows where the real ones are dense."""
    rng = np.random.default_rng(2)
    assert prdc(real=rng.normal(size=(300, 2)), synthetic=0.1 * rng.normal(size=(300, 2))).density > 1.1


@pytest.mark.parametrize("k", [1, 3, 5])
def test_samples_of_one_distribution_have_the_expected_density_and_coverage(k):
    """Near 1, and near 1 - 2^-k at N = M."""
    rng = np.random.default_rng(3)
    found = [prdc(real=rng.normal(size=(150, 3)), synthetic=rng.normal(size=(150, 3)), k=k) for _ in range(25)]
    assert np.mean([one.density for one in found]) == pytest.approx(1.0, abs=0.05)
    assert np.mean([one.coverage for one in found]) == pytest.approx(1 - 0.5**k, abs=0.03)


def test_copies_of_the_reference_cover_all_of_it():
    """All three shares are 1, more than any fresh sample reaches: none of them sees a copy."""
    real = np.random.default_rng(4).normal(size=(50, 3))
    assert prdc(real=real, synthetic=real.copy()) == (1.0, 1.0, pytest.approx(1.0, abs=0.3), 1.0)


def test_constant_sets_fall_apart_as_the_convention_says():
    """Radius 0: open balls hold nothing."""
    same = np.ones((20, 3))
    assert tuple(prdc(real=same, synthetic=same)) == (0, 0, 0, 0)


def test_no_block_changes_a_count(rows):
    """One row at a time or all at once."""
    whole = prdc(real=rows[0], synthetic=rows[1])
    assert prdc(real=rows[0], synthetic=rows[1], memory=2**12) == whole
    assert prdc(real=rows[0], synthetic=rows[1], memory=2**16) == whole


def test_rows_in_another_order_change_nothing(rows):
    """A set has no order."""
    rng = np.random.default_rng(5)
    shuffled = [rng.permutation(part) for part in rows]
    assert prdc(real=shuffled[0], synthetic=shuffled[1]) == pytest.approx(prdc(real=rows[0], synthetic=rows[1]))


@pytest.mark.parametrize("role", ["real", "synthetic"])
def test_too_few_rows_are_refused(role):
    """A k-th neighbor needs k + 1 rows on either side; with just as many there is one."""
    few, many = np.arange(10.0).reshape(5, 2), np.arange(100.0).reshape(50, 2)
    other = "synthetic" if role == "real" else "real"
    with pytest.raises(UserError, match=rf"The {role} features have 5 row\(s\): expected 6 or more"):
        prdc(**{role: few, other: many}, k=5)
    assert prdc(**{role: few, other: many}, k=4).density >= 0


@pytest.mark.parametrize("k", [0, -1])
def test_a_neighbor_before_the_first_is_refused(k):
    """The row itself is none."""
    with pytest.raises(UserError, match=rf"k = {k}: expected the 1st nearest neighbor or a later one"):
        prdc(real=np.ones((9, 2)), synthetic=np.ones((9, 2)), k=k)
