"""Improved precision and recall against torch-fidelity, their definition row by row, and known cases."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch_fidelity.metric_prc import prc_features_to_metric

from benchmark.errors import UserError
from tasks.metrics.precision_recall import DEFAULT_K, improved_precision_recall


def share_within(points, centers, k):
    """Equation 1 of Kynkäänniemi et al.: the share of points in some closed ball about a center."""
    inside = 0
    for point in points:
        for index, center in enumerate(centers):
            others = [np.linalg.norm(center - row) for other, row in enumerate(centers) if other != index]
            if np.linalg.norm(point - center) <= sorted(others)[k - 1]:
                inside += 1
                break
    return inside / len(points)


@pytest.fixture(params=[(200, 150, 6), (90, 130, 40)])
def rows(request):
    n, m, d = request.param
    rng = np.random.default_rng(n)
    return rng.normal(size=(n, d)), rng.normal(0.3, 1.1, size=(m, d))


def test_equal_to_torch_fidelity(rows):
    """At the published k; their first input is the generated set."""
    theirs = prc_features_to_metric(
        torch.from_numpy(rows[1]), torch.from_numpy(rows[0]), prc_neighborhood=3, verbose=False
    )
    ours = improved_precision_recall(real=rows[0], synthetic=rows[1])
    assert ours.improved_precision == pytest.approx(theirs["precision"], abs=1e-6)
    assert ours.improved_recall == pytest.approx(theirs["recall"], abs=1e-6)
    assert DEFAULT_K == 3


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize(("n", "m"), [(14, 9), (7, 16)])
def test_equal_to_the_definition(k, n, m):
    """Other k, unequal sizes on either side, on a lattice where many points lie on spheres."""
    rng = np.random.default_rng(n)
    real, synthetic = rng.integers(0, 6, (n, 2)).astype(float), rng.integers(2, 8, (m, 2)).astype(float)
    found = improved_precision_recall(real=real, synthetic=synthetic, k=k)
    assert found.improved_precision == pytest.approx(share_within(synthetic, real, k))
    assert found.improved_recall == pytest.approx(share_within(real, synthetic, k))


def test_a_case_by_hand():
    """Real 0, 1, 2, all radii 1; synthetic -1, 0.5, 5, 20, radii 1.5, 1.5, 4.5, 15. The point -1 is on a sphere: in."""
    found = improved_precision_recall(
        real=np.array([[0.0], [1], [2]]), synthetic=np.array([[-1.0], [0.5], [5], [20]]), k=1
    )
    assert found.improved_precision == pytest.approx(2 / 4)
    assert found.improved_recall == pytest.approx(3 / 3)


def test_a_collapsed_generator_is_precise_and_recalls_little():
    """Swapped roles would turn this around."""
    rng = np.random.default_rng(0)
    real, collapsed = rng.normal(size=(400, 2)) * 5, rng.normal(size=(300, 2)) * 0.05
    found = improved_precision_recall(real=real, synthetic=collapsed)
    assert found.improved_precision > 0.8
    assert found.improved_recall < 0.05
    assert tuple(improved_precision_recall(real=collapsed, synthetic=real)) == tuple(found)[::-1]


def test_noise_recalls_everything():
    """At several times the spread of the data: recall alone orders nothing."""
    rng = np.random.default_rng(1)
    found = improved_precision_recall(real=rng.normal(size=(300, 8)), synthetic=6 * rng.normal(size=(300, 8)))
    assert found.improved_recall > 0.95
    assert found.improved_precision < 0.05


def test_one_outlier_admits_many_rows():
    """Its ball is huge: documented, and known of the metric."""
    rng = np.random.default_rng(2)
    real, elsewhere = rng.normal(size=(100, 2)), rng.normal(30, 1, size=(100, 2))
    assert improved_precision_recall(real=real, synthetic=elsewhere).improved_precision == 0.0
    with_outlier = np.concatenate([real, [[45.0, 45.0]]])
    assert improved_precision_recall(real=with_outlier, synthetic=elsewhere).improved_precision == 1.0


def test_constant_sets_hold_their_like():
    """Radius 0, closed balls: a copy is within, anything else is not."""
    same = np.ones((20, 3))
    assert tuple(improved_precision_recall(real=same, synthetic=same)) == (1, 1)
    assert tuple(improved_precision_recall(real=same, synthetic=np.nextafter(same, 2.0))) == (0, 0)


def test_no_block_changes_a_count(rows):
    """One row at a time or all at once."""
    whole = improved_precision_recall(real=rows[0], synthetic=rows[1])
    assert improved_precision_recall(real=rows[0], synthetic=rows[1], memory=2**12) == whole
    assert improved_precision_recall(real=rows[0], synthetic=rows[1], memory=2**16) == whole


@pytest.mark.parametrize("role", ["real", "synthetic"])
def test_too_few_rows_are_refused(role):
    """A k-th neighbor needs k + 1 rows on either side; with just as many there is one."""
    few, many = np.arange(6.0).reshape(3, 2), np.arange(100.0).reshape(50, 2)
    other = "synthetic" if role == "real" else "real"
    with pytest.raises(UserError, match=rf"The {role} features have 3 row\(s\): expected 4 or more"):
        improved_precision_recall(**{role: few, other: many})
    assert improved_precision_recall(**{role: few, other: many}, k=2).improved_precision >= 0


@pytest.mark.parametrize("k", [0, -1])
def test_a_neighbor_before_the_first_is_refused(k):
    """The row itself is none."""
    with pytest.raises(UserError, match=rf"k = {k}: expected the 1st nearest neighbor or a later one"):
        improved_precision_recall(real=np.ones((9, 2)), synthetic=np.ones((9, 2)), k=k)
