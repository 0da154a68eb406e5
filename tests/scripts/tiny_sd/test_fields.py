"""Fields: values, frequencies, directions and distances."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.tiny_sd import fields
from scripts.tiny_sd.settings import CANVAS

ROWS, COLUMNS = np.indices((CANVAS, CANVAS))


def spectrum(field):
    """Power by frequency down and right, cycles per pixel."""
    power = np.abs(np.fft.fft2(field - field.mean())) ** 2
    down, right = np.meshgrid(np.fft.fftfreq(CANVAS), np.fft.fftfreq(CANVAS), indexing="ij")
    return power / power.sum(), down, right


def test_spread_fills_zero_to_one():
    """In order, and a flat field is all zeros instead of no numbers."""
    field = np.array([[-3.0, 1.0], [5.0, 1.0]])
    assert fields.spread(field).tolist() == [[0.0, 0.5], [1.0, 0.5]]
    assert fields.spread(np.full((2, 2), 7.0)).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_a_step_rises_over_its_softness():
    """From 0 half of it below the edge to 1 half of it above."""
    found = fields.step(np.array([-9.0, -1.0, -0.5, 0.0, 0.5, 1.0, 9.0]), softness=2.0)
    assert found.tolist() == [0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    assert fields.step(np.array([-0.25, -0.125, 0.125]), softness=0.5).tolist() == [0.0, 0.25, 0.75]


@pytest.mark.parametrize(("low", "high"), [(0.01, 0.05), (0.05, 0.1), (0.1, 0.3)])
def test_noise_holds_its_band(low, high):
    """Nine tenths of the power between half of its lower and twice its upper edge, next to none well below the lower.

    Values fill [0, 1].
    """
    power, down, right = spectrum(fields.noise(np.random.default_rng(0), low=low, high=high))
    radius = np.hypot(down, right)
    assert power[(radius > low / 2) & (radius < 2 * high)].sum() > 0.9
    below = (radius > 0) & (radius < low / 2)
    if below.any():
        # By the filter's formula about 0.06 for the widest band; without its lower edge 2.6.
        assert power[below].mean() < 0.2 * power[(radius > low) & (radius < high)].mean()
    field = fields.noise(np.random.default_rng(0), low=low, high=high)
    assert (field.min(), field.max()) == (0.0, 1.0)
    assert field.shape == (CANVAS, CANVAS)


@pytest.mark.parametrize("degrees", [0, 30, 90, 135])
def test_noise_is_stretched_along_its_angle(degrees):
    """Along it, frequencies are lower than across, by about the stretch; 0 is along a row."""
    angle = np.deg2rad(degrees)
    along, across = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        power, down, right = spectrum(fields.noise(rng, low=0.02, high=0.15, stretch=5.0, angle=angle))
        along.append((power * (np.cos(angle) * right + np.sin(angle) * down) ** 2).sum())
        across.append((power * (-np.sin(angle) * right + np.cos(angle) * down) ** 2).sum())
    assert 3 < np.sqrt(np.mean(across) / np.mean(along)) < 7


def test_rougher_clouds_hold_more_of_high_frequencies():
    """Soft ones nearly none; the mean brightness plays no part."""
    shares = []
    for roughness in (0.0, 0.5, 1.0):
        power, down, right = spectrum(fields.clouds(np.random.default_rng(1), roughness=roughness))
        shares.append(power[np.hypot(down, right) > 0.15].sum())
    assert shares[0] < 0.02 < shares[1] < shares[2]
    assert shares[2] > 0.3


@pytest.mark.parametrize(("degrees", "field"), [(0, COLUMNS), (90, ROWS), (45, (ROWS + COLUMNS) / 2**0.5)])
def test_a_ramp_is_the_position_along_its_angle(degrees, field):
    """In pixels."""
    np.testing.assert_allclose(fields.ramp(angle=np.deg2rad(degrees)), field, atol=1e-9)


def test_distance_is_euclids():
    """Row and column in their places."""
    found = fields.distance_to(row=10.0, column=-5.0)
    assert found[10, 0] == 5
    assert found[13, 7] == pytest.approx((3**2 + 12**2) ** 0.5)


def test_a_wobble_lies_around_zero():
    """Within half of its amplitude, and none without."""
    found = fields.wobble(np.random.default_rng(0), amplitude=20.0)
    assert (found.min(), found.max()) == (-10.0, 10.0)
    assert not fields.wobble(np.random.default_rng(0), amplitude=0.0).any()


@pytest.mark.parametrize("count", [1, 8, 50, 259])
@pytest.mark.parametrize("evenness", [0.0, 0.4, 1.0])
def test_points_are_spread_over_canvas_and_margin(count, evenness):
    """As many as asked for, all of them within."""
    points = fields.scatter(np.random.default_rng(2), count=count, evenness=evenness)
    assert points.shape == (count, 2)
    assert points.min() >= -CANVAS / 8
    assert points.max() <= CANVAS * 9 / 8


def test_even_points_lie_one_in_each_place_of_a_grid():
    """49 of them fill seven by seven; loose ones do not, and cover the margin no less."""
    even = fields.scatter(np.random.default_rng(3), count=49, evenness=1.0)
    loose = fields.scatter(np.random.default_rng(3), count=49, evenness=0.0)
    for points, full in ((even, True), (loose, False)):
        places = np.floor((points / CANVAS + 0.125) / 1.25 * 7).astype(int)
        assert (len({tuple(place) for place in places}) == 49) == full


@pytest.mark.parametrize(("stretch", "degrees"), [(1.0, 0), (2.0, 0), (3.0, 60)])
def test_nearest_points_are_those_of_a_search(stretch, degrees):
    """Beside one over all points, with distances along the angle divided by the stretch."""
    points = fields.scatter(np.random.default_rng(4), count=12, evenness=0.5)
    near, second, which = fields.nearest(points, stretch=stretch, angle=np.deg2rad(degrees))
    down = ROWS[..., None] - points[:, 0]
    right = COLUMNS[..., None] - points[:, 1]
    angle = np.deg2rad(degrees)
    along = np.cos(angle) * right + np.sin(angle) * down
    across = np.cos(angle) * down - np.sin(angle) * right
    distances = np.hypot(along / stretch, across)
    np.testing.assert_allclose(near, np.sort(distances)[..., 0], atol=1e-9)
    np.testing.assert_allclose(second, np.sort(distances)[..., 1], atol=1e-9)
    assert (which == distances.argmin(axis=-1)).all()
