"""Where things lie."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import KDTree

from benchmark.datasets.phantom import fields, layout


@pytest.mark.parametrize("spacing", [6.0, 13.0, 46.0])
def test_lattice_covers_the_patch_at_the_asked_spacing(rng: np.random.Generator, spacing: float) -> None:
    """Unshaken, neighbors are exactly `spacing` apart and no place is farther from a point than a hexagon allows."""
    for _ in range(10):
        points = layout.scatter(rng, spacing, jitter=0.0)
        tree = KDTree(points)
        if len(points) > 20:
            distances = tree.query(points, k=2)[0][:, 1]
            np.testing.assert_allclose(distances, spacing, rtol=1e-9)
        grid = np.stack(np.meshgrid(np.arange(96.0), np.arange(96.0)), axis=-1).reshape(-1, 2)
        inner = grid if spacing < 9 else grid[(np.abs(grid - 47.5) < 55 - spacing).all(axis=1)]
        assert not len(inner) or tree.query(inner)[0].max() < spacing / np.sqrt(3) + 1e-6


def test_jitter_moves_points(rng: np.random.Generator) -> None:
    """Neighbors are no longer all equally far."""
    points = layout.scatter(rng, 10, jitter=0.2)
    assert KDTree(points).query(points, k=2)[0][:, 1].std() > 0.8


def test_only_points_near_the_patch_are_visible() -> None:
    """Nine pixels around it, on every side."""
    points = np.array([[-8.9, 50], [-9.1, 50], [50, -9.1], [104.9, 104.9], [50, 105.1], [106, 0]])
    assert layout.seen(points).tolist() == [True, False, False, True, False, False]
    assert len(layout.visible(points)) == 2


def test_distance_from_the_central_third() -> None:
    """0 within, Chebyshev outside; the third spans pixels 32 to 63."""
    points = np.array([[47.5, 47.5], [32, 63], [21.5, 50], [50, 73.5], [21.5, 83.5]])
    np.testing.assert_allclose(layout.from_center(points), [0, 0, 10, 10, 20])


@pytest.mark.parametrize("share", [0.05, 0.4, 1.0])
def test_touching_covers_the_asked_share_of_the_center(rng: np.random.Generator, share: float) -> None:
    """Checked by counting."""
    field = fields.smooth(rng, 4)
    covered = (field[32:64, 32:64] >= layout.touching(field, share)).mean()
    assert covered == pytest.approx(share, abs=0.002)


def test_avoiding_keeps_clear_of_the_center_and_its_margin(rng: np.random.Generator) -> None:
    """Nothing above the level within three pixels of the center, something just beyond at times."""
    levels = []
    for _ in range(20):
        field = fields.smooth(rng, 4)
        above = field > layout.avoiding(field, 3)
        assert not above[29:67, 29:67].any()
        levels.append(above[28:68, 28:68].any())
    assert any(levels)


def test_tilted_fields_rise_by_the_asked_amount(rng: np.random.Generator) -> None:
    """On average the highest border is about `tilt` above the middle; all directions occur."""
    drawn = np.stack([layout.tilted(rng, 3, 20.0) for _ in range(60)])
    sides = np.stack([drawn[:, 0].mean(1), drawn[:, -1].mean(1), drawn[:, :, 0].mean(1), drawn[:, :, -1].mean(1)])
    assert set(sides.argmax(axis=0)) == {0, 1, 2, 3}
    assert 13 < sides.max(axis=0).mean() < 21


def test_beside_lies_in_the_patch_and_off_the_center(rng: np.random.Generator) -> None:
    """On all four sides."""
    points = np.concatenate([layout.beside(rng, 16) for _ in range(400)])
    assert ((points >= 0) & (points <= 96)).all()
    assert layout.from_center(points).min() >= 15
    assert all(side.any() for side in (*(points < 17).T, *(points > 79).T))


@pytest.fixture
def rng() -> np.random.Generator:
    """A seeded generator."""
    return np.random.default_rng(2)
