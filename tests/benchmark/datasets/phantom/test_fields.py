"""Smooth fields and textures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import BSpline

from benchmark.datasets.phantom import fields


@pytest.mark.parametrize("cells", [2, 4, 14])
def test_smooth_fields_are_standard_and_as_smooth_as_asked(rng: np.random.Generator, cells: int) -> None:
    """Unit variance over many draws; neighbors differ by about cells / 96 times a constant."""
    drawn = np.stack([fields.smooth(rng, cells) for _ in range(400)])
    assert drawn.dtype == np.float32
    assert abs(drawn.mean()) < 0.1
    assert drawn.std() == pytest.approx(1, abs=0.08)
    slope = np.sqrt(np.square(np.diff(drawn, axis=2)).mean())
    assert 0.6 < slope / (cells / 96) < 1.6


def test_smooth_field_is_a_cubic_spline() -> None:
    """Against SciPy's B-splines on the same knots."""
    cells, size = 5, fields.SIZE
    knots = np.random.default_rng(0).standard_normal((cells + 3, cells + 3))
    positions = (np.arange(size) + 0.5) / size * cells
    basis = np.stack(
        [BSpline(np.arange(-3, cells + 4), np.eye(cells + 3)[k], 3)(positions) for k in range(cells + 3)], axis=1
    )
    scaled = basis / np.sqrt((basis**2).sum(axis=1).mean())
    found = fields.smooth(np.random.default_rng(0), cells)
    np.testing.assert_allclose(found, scaled @ knots @ scaled.T, atol=1e-5)


def test_grain_windows_lie_anywhere_in_the_bank(rng: np.random.Generator) -> None:
    """Unit variance, the asked correlation length, and windows that differ."""
    drawn = np.stack([fields.grain(rng, 2.0) for _ in range(200)])
    assert drawn.shape == (200, 96, 96)
    assert drawn.std() == pytest.approx(1, abs=0.05)
    neighbors = (drawn[:, :, 4:] * drawn[:, :, :-4]).mean()
    assert neighbors == pytest.approx(np.exp(-(4**2) / (4 * 2.0**2)), abs=0.06)
    assert len({field.tobytes() for field in drawn}) > 190


def test_stripes_follow_their_coordinate(rng: np.random.Generator) -> None:
    """Along a level set nothing changes; across, a line is about as wide as asked."""
    lines = fields.stripes(rng, fields.X, 6.0)
    assert np.ptp(lines, axis=0).max() == 0
    many = np.stack([fields.stripes(rng, fields.Y, 6.0)[:, 0] for _ in range(300)])
    assert (many[:, 1:] * many[:, :-1]).mean() > 0.8
    assert abs((many[:, 12:] * many[:, :-12]).mean()) < 0.2


@pytest.mark.parametrize("width", [3.0, 6.0, 9.0])
def test_stripes_are_as_wide_as_asked(rng: np.random.Generator, width: float) -> None:
    """A line's correlation at one width is that of noise smoothed over half a width, exp(-1)."""
    many = np.stack([fields.stripes(rng, fields.Y, width)[:, 0] for _ in range(1500)])
    lag = int(width)
    assert (many[:, lag:] * many[:, :-lag]).mean() == pytest.approx(np.exp(-1), abs=0.1)


def test_inside_is_a_soft_step() -> None:
    """0 below, 1/2 at the level, 1 above, linear between."""
    field = np.array([[0.0, 1.5, 2.0, 2.25, 9.0]], np.float32)
    assert fields.inside(field, 2.0, 1.0).tolist() == [[0, 0, 0.5, 0.75, 1]]


def test_at_takes_x_before_y() -> None:
    """Points are (x, y), fields [y, x]; outside counts the border."""
    field = fields.X + 100 * fields.Y
    points = np.array([[3.9, 7.2], [-5.0, 2.0], [200.0, 95.9]])
    assert fields.at(field, points).tolist() == [703, 200, 9595]


@pytest.fixture
def rng() -> np.random.Generator:
    """A seeded generator."""
    return np.random.default_rng(1)
