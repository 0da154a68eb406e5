"""The root that stops early, where its every step is known."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.statistics.groups import random_groups
from tasks.metrics.frechet import frechet_distance
from tasks.metrics.stopped_root import TOLERANCE, stopped_root, stopped_root_distance, stopped_root_replicates


def spectrum(width: int, power: float) -> np.ndarray:
    """Eigenvalues i^-power, of sum 100."""
    falling = np.arange(1, width + 1) ** -power
    return 100 * falling / falling.sum()


def by_eigenvalue(squares: np.ndarray) -> tuple[float, int]:
    """Return sum and steps of the iteration on a diagonal matrix: there each eigenvalue goes its own way."""
    size = np.sqrt(np.sum(squares**2))
    root, turned = squares / size, np.ones_like(squares)
    steps = 0
    while steps == 0 or np.sqrt(np.sum((squares / size - root**2) ** 2)) > 1e-5:
        half = (3 - turned * root) / 2
        root, turned, steps = root * half, half * turned, steps + 1
    return float(np.sqrt(size) * root.sum()), steps


@pytest.mark.parametrize("power", [1.0, 1.5, 2.0])
def test_the_trace_is_underestimated_as_step_by_step(power: float) -> None:
    """Of commuting covariances, against the recurrence of single eigenvalues; also turned to another basis."""
    values = spectrum(64, power)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(64, 64)))[0]
    expected, steps = by_eigenvalue(values**2)
    for product in (np.diag(values**2), turn @ np.diag(values**2) @ turn.T):
        found = stopped_root(product)
        assert found.trace == pytest.approx(expected, rel=1e-9)
        assert (found.steps, found.error <= TOLERANCE) == (steps, True)
        assert found.trace < 100.0 - 1e-4
    assert stopped_root(np.eye(8) * 4.0).trace == pytest.approx(16.0, rel=1e-4)


@pytest.mark.parametrize(("power", "excess"), [(1.0, 4.06), (1.5, 10.86), (2.0, 4.22)])
def test_identical_gaussians_of_inception_s_width_are_points_apart(power: float, excess: float) -> None:
    """2,048 columns and total variance 100, exact distance 0: figures of an independent port of piq's code."""
    trace, steps = by_eigenvalue(spectrum(2048, power) ** 2)
    assert 200 - 2 * trace == pytest.approx(excess, abs=0.005)
    assert steps < 100


def test_the_distance_exceeds_the_exact_one_by_what_the_root_lacks() -> None:
    """Of unlike sets of unlike sizes; never below it, and twice the missing trace above it."""
    rng = np.random.default_rng(1)
    scale = np.sqrt(spectrum(32, 1.5))
    real, synthetic = rng.normal(size=(300, 32)) * scale, rng.normal(0.2, 1.2, size=(200, 32)) * scale
    exact = frechet_distance(real=real, synthetic=synthetic)
    found, root = stopped_root_distance(real=real, synthetic=synthetic)
    product = np.cov(real.T) @ np.cov(synthetic.T)
    missing = np.sqrt(np.linalg.eigvals(product).real).sum() - root.trace
    assert missing > 0.01
    assert found - exact == pytest.approx(2 * missing, rel=1e-6)
    assert stopped_root_distance(real=real, synthetic=real)[0] > 0.01 > frechet_distance(real=real, synthetic=real)


def test_covariances_of_low_rank_still_give_a_number() -> None:
    """Fewer rows than columns, and none that varies."""
    rng = np.random.default_rng(2)
    found, root = stopped_root_distance(real=rng.normal(size=(10, 40)), synthetic=rng.normal(size=(12, 40)))
    assert np.isfinite(found)
    assert root.steps <= 100
    still, root = stopped_root_distance(real=np.ones((5, 3)), synthetic=np.full((6, 3), 3.0))
    assert (still, root.trace) == (12.0, 0.0)


def test_replicates_leave_every_group_out_anew() -> None:
    """Against leaving out by hand, a group of either side."""
    rng = np.random.default_rng(3)
    real, synthetic = rng.normal(size=(60, 4)), rng.normal(0.5, 1, size=(50, 4))
    first, second = random_groups(60, seed=0, groups=5), random_groups(50, seed=0, groups=6)
    found = stopped_root_replicates(real=real, synthetic=synthetic, real_groups=first, synthetic_groups=second)
    assert found.full == stopped_root_distance(real=real, synthetic=synthetic)[0]
    expected = stopped_root_distance(real=real[first != 2], synthetic=synthetic)[0]
    assert found.sides[0].values[2] == pytest.approx(expected, rel=1e-12)
    expected = stopped_root_distance(real=real, synthetic=synthetic[second != 4])[0]
    assert found.sides[1].values[4] == pytest.approx(expected, rel=1e-12)
    assert [side.role for side in found.sides] == ["real", "synthetic"]


def test_features_are_checked() -> None:
    """As for the exact distance."""
    with pytest.raises(UserError, match="NaN"):
        stopped_root_distance(real=np.full((4, 2), np.nan), synthetic=np.ones((4, 2)))
