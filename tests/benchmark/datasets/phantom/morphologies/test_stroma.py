"""Fibrous tissue."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.datasets.phantom import layout, tissue
from benchmark.datasets.phantom.morphologies import stroma


@pytest.mark.parametrize("angle", [0.0, 0.7, np.pi / 2, 2.5])
def test_fibers_and_spindles_run_along_their_angle(angle: float) -> None:
    """By the structure tensor: gradients are across, so the least gradient is along."""
    for paint in (
        lambda drawn, rng: stroma.fibers(drawn, rng, angle),
        lambda drawn, rng: stroma.fibers(drawn, rng, angle, path=stroma.across(angle + np.pi / 2)),
        lambda drawn, rng: stroma.spindles(drawn, rng, angle, spacing=14),
    ):
        drawn = tissue.Tissue()
        paint(drawn, np.random.default_rng(4))
        gy, gx = np.gradient((drawn.eosin + drawn.hematoxylin).astype(float))
        across = 0.5 * np.arctan2(2 * (gx * gy).mean(), (gx * gx).mean() - (gy * gy).mean())
        error = np.angle(np.exp(2j * (across + np.pi / 2 - angle))) / 2
        assert abs(error) < 0.2


def test_across_is_a_coordinate() -> None:
    """0 in the middle, one per pixel in its direction: x for angle 0, y for a quarter turn."""
    assert stroma.across(0.0)[10, [47, 48, 90]].tolist() == [-0.5, 0.5, 42.5]
    np.testing.assert_allclose(stroma.across(np.pi / 2)[[0, 95], 3], [-47.5, 47.5], atol=1e-4)


def test_rows_are_evenly_spaced_along_the_angle() -> None:
    """Rows of 1 to 11 through their starts."""
    rng = np.random.default_rng(5)
    drawn = [stroma.rows(rng, np.array([[48.0, 48.0]]), 0.0, 8.0) for _ in range(60)]
    assert {len(points) for points in drawn} == {1, 3, 5, 7, 9, 11}
    assert np.abs(np.concatenate(drawn)[:, 1] - 48).max() < 8
    whole = np.stack([points[:, 0] for points in drawn if len(points) == 11])
    np.testing.assert_allclose(whole.mean(axis=0), 48 + 8 * np.arange(-5, 6), atol=2.5)


def test_infiltrate_spares_the_mask() -> None:
    """No lymphocyte is centered in the clearing."""
    without = np.zeros((96, 96), np.float32)
    without[20:80, 20:80] = 1
    for seed in range(20):
        drawn = tissue.Tissue()
        stroma.infiltrate(drawn, np.random.default_rng(seed), 0.3, without=without)
        assert drawn.hematoxylin[30:70, 30:70].max() == 0


def test_spindles_lie_in_the_visible_rim() -> None:
    """Spacing sets their number."""
    few, many = (len(layout.scatter(np.random.default_rng(0), spacing)) for spacing in (28, 14))
    assert 3 < many / few < 5.5
