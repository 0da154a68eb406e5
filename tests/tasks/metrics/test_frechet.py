from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
import torch
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

from benchmark.errors import UserError
from benchmark.statistics.groups import random_groups
from tasks.metrics.frechet import frechet_distance, frechet_replicates

SHAPES = [(300, 200, 16), (64, 96, 64), (20, 30, 64), (5, 200, 32)]


def pair(n, m, d, seed=0):
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(d, d)) / d**0.5
    return rng.normal(size=(n, d)), rng.normal(0.3, 1.0, size=(m, d)) @ mix


@pytest.mark.parametrize(("n", "m", "d"), SHAPES)
def test_equal_to_torch_fidelity(n, m, d):
    """Within 1e-6 of the summed traces, also with fewer rows than columns."""
    real, synthetic = pair(n, m, d)
    statistics = [fid_features_to_statistics(torch.from_numpy(rows)) for rows in (real, synthetic)]
    theirs = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    scale = np.trace(np.cov(real.T)) + np.trace(np.cov(synthetic.T))
    assert abs(frechet_distance(real=real, synthetic=synthetic) - theirs) < 1e-6 * scale


def test_equal_to_a_matrix_square_root():
    """SciPy's general root of the product of covariances, where it is well conditioned."""
    real, synthetic = pair(400, 300, 8)
    first, second = np.cov(real.T), np.cov(synthetic.T)
    gap = real.mean(axis=0) - synthetic.mean(axis=0)
    root = scipy.linalg.sqrtm(first @ second).real
    expected = gap @ gap + np.trace(first) + np.trace(second) - 2 * np.trace(root)
    assert frechet_distance(real=real, synthetic=synthetic) == pytest.approx(expected, rel=1e-9)


def test_equal_covariances_leave_the_distance_of_means():
    """A shift by (3, 4) is a distance of 25."""
    real = np.random.default_rng(1).normal(size=(50, 2))
    assert frechet_distance(real=real, synthetic=real + np.array([3.0, 4.0])) == pytest.approx(25.0)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_scaled_covariance_has_its_closed_form(factor):
    """S2 = c^2 S1 about one mean gives (1 - c)^2 tr S1."""
    real = np.random.default_rng(2).normal(size=(80, 5))
    mean = real.mean(axis=0)
    expected = (1 - factor) ** 2 * np.trace(np.cov(real.T))
    assert frechet_distance(real=real, synthetic=mean + factor * (real - mean)) == pytest.approx(expected)


def test_published_golden():
    """The tiny case that MONAI's tests give: 0.4444."""
    real, synthetic = np.array([[2.0, 2], [1, 2], [1, 2]]), np.array([[1.0, 2], [1, 2], [1, 2]])
    assert frechet_distance(real=real, synthetic=synthetic) == pytest.approx(0.4444, abs=1e-4)


@pytest.mark.parametrize(("n", "d"), [(60, 6), (24, 40)])
def test_leaving_a_group_out_equals_computing_without_it(n, d):
    """On each side, by subtracted moments and by recomputing alike."""
    real, synthetic = pair(n, n + 7, d)
    first, second = random_groups(n, seed=0, groups=5), random_groups(n + 7, seed=1, groups=4)
    found = frechet_replicates(real=real, synthetic=synthetic, real_groups=first, synthetic_groups=second)
    assert found.full == pytest.approx(frechet_distance(real=real, synthetic=synthetic))
    for group in range(5):
        expected = frechet_distance(real=real[first != group], synthetic=synthetic)
        assert found.sides[0].values[group] == pytest.approx(expected, rel=1e-8)
    for group in range(4):
        expected = frechet_distance(real=real, synthetic=synthetic[second != group])
        assert found.sides[1].values[group] == pytest.approx(expected, rel=1e-8)


BAD = {
    "nan": np.full((9, 3), np.nan), "infinite": np.full((9, 3), np.inf), "empty": np.empty((0, 3)),
    "one row": np.ones((1, 3)), "one dimension": np.ones(9), "other width": np.ones((9, 4)),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("role", ["real", "synthetic"])
def test_bad_features_are_refused_by_role(what, role):
    """The message names whose features they are."""
    good = np.random.default_rng(0).normal(size=(9, 3))
    other = "synthetic" if role == "real" else "real"
    with pytest.raises(UserError, match=role if what != "other width" else "3"):
        frechet_distance(**{role: BAD[what], other: good})
