"""CMMD by its definition, in float64, with whole matrices."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.statistics.jackknife import delete_groups
from tasks.metrics.clip_mmd import clip_mmd, clip_mmd_replicates


def by_definition(real, synthetic, sigma):
    """Both estimates, from kernels near 1 in float64."""
    one, other = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (real, synthetic))

    def kernel(first, second):
        return np.exp(-((first[:, None] - second[None]) ** 2).sum(axis=2) / (2 * sigma**2))

    n, m = len(one), len(other)
    biased = kernel(one, one).mean() + kernel(other, other).mean() - 2 * kernel(one, other).mean()
    within = (kernel(one, one).sum() - n) / (n * (n - 1)) + (kernel(other, other).sum() - m) / (m * (m - 1))
    return 1000 * (within - 2 * kernel(one, other).mean()), 1000 * biased


@pytest.mark.parametrize("sigma", [10.0, 0.7])
@pytest.mark.parametrize("memory", [1, 2**14, 2**27])
def test_equal_to_the_definition(sigma, memory):
    """To seven digits of the mean of 1 - k, though k itself differs from 1 in the third alone."""
    rng = np.random.default_rng(0)
    real, synthetic = rng.normal(1.0, 1.0, (60, 12)), 5 * rng.normal(1.2, 1.0, (45, 12))
    found, expected = (
        clip_mmd(real=real, synthetic=synthetic, sigma=sigma, memory=memory),
        by_definition(real, synthetic, sigma),
    )
    assert found == pytest.approx(expected, abs=1e-6 * 1000 / sigma**2)


def test_the_lengths_of_rows_do_not_count():
    """Directions alone."""
    rng = np.random.default_rng(1)
    real, synthetic = rng.normal(size=(30, 5)), rng.normal(0.5, 1, (30, 5))
    longer = synthetic * rng.uniform(0.1, 10, size=(30, 1))
    assert clip_mmd(real=real, synthetic=longer) == pytest.approx(clip_mmd(real=real, synthetic=synthetic), rel=1e-4)


def test_two_points_by_hand():
    """Real e1 twice, synthetic e2 twice: 2000 (1 - exp(-2 / (2 sigma^2)))."""
    found = clip_mmd(real=np.eye(2)[[0, 0]], synthetic=np.eye(2)[[1, 1]])
    assert found == pytest.approx([2000 * (1 - np.exp(-0.01))] * 2, rel=1e-5)


def test_only_the_unbiased_estimate_goes_below_zero():
    """Two samples of one distribution: around 0, and above."""
    rng = np.random.default_rng(2)
    found = [clip_mmd(real=rng.normal(size=(20, 6)), synthetic=rng.normal(size=(20, 6))) for _ in range(20)]
    assert min(one.unbiased for one in found) < 0 < min(one.biased for one in found)


def test_what_has_no_distance_is_refused():
    """A row without a direction, and a kernel without a width."""
    with pytest.raises(UserError, match="Row 1 of the synthetic features is all zero"):
        clip_mmd(real=np.eye(2), synthetic=np.array([[1.0, 0], [0, 0]]))
    with pytest.raises(UserError, match="sigma = 0"):
        clip_mmd(real=np.eye(2), synthetic=np.eye(2), sigma=0.0)


def test_leaving_groups_out_is_computing_without_them():
    """Both estimates, each group of each side, of unequal sizes."""
    rng = np.random.default_rng(3)
    real, synthetic = rng.normal(1.0, 1.0, (50, 6)), rng.normal(1.3, 1.0, (40, 6))
    groups = {"real": np.arange(50) % 7, "synthetic": np.repeat([0, 1, 2], [8, 12, 20])}
    found = clip_mmd_replicates(
        real=real, synthetic=synthetic, real_groups=groups["real"], synthetic_groups=groups["synthetic"]
    )
    anew = delete_groups(
        lambda **kept: clip_mmd(real=real[kept["real"]], synthetic=synthetic[kept["synthetic"]]), groups=groups
    )
    for mine, other in zip(found, anew, strict=True):
        assert mine.full == pytest.approx(other.full, abs=1e-6)
        for one, two in zip(mine.sides, other.sides, strict=True):
            assert one.values == pytest.approx(two.values, abs=1e-6)
            assert (one.role, one.sizes, one.digest) == (two.role, two.sizes, two.digest)
