"""Painting tissue."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from benchmark.datasets.phantom import fields, nuclei, tissue


def test_lay_blends_where_the_mask_says() -> None:
    """Old, half and new concentrations; dyes not exchanged."""
    drawn = tissue.Tissue()
    drawn.lay(0.2, 0.4)
    mask = np.zeros((96, 96), np.float32)
    mask[0, 1], mask[0, 2] = 0.5, 1
    drawn.lay(1.0, 0.0, mask)
    np.testing.assert_allclose(drawn.hematoxylin[0, :3], [0.2, 0.6, 1.0], rtol=1e-6)
    np.testing.assert_allclose(drawn.eosin[0, :3], [0.4, 0.2, 0.0], rtol=1e-6)


def test_stamp_centers_at_x_y(rng: np.random.Generator) -> None:
    """Points are (x, y); a stamp's mass lies around its point."""
    layer = tissue.stamp(rng, np.array([[20.0, 70.0]]), nuclei.LYMPHOCYTE, gain=(1, 1))
    y, x = ndimage.center_of_mass(layer)
    assert abs(x - 20) < 1
    assert abs(y - 70) < 1


def test_stamps_at_the_rim_are_cut_not_wrapped(rng: np.random.Generator) -> None:
    """A nucleus half outside does not show at the other side."""
    layer = tissue.stamp(rng, np.array([[-1.0, 50.0], [-8.9, -8.9], [104.9, 104.9]]), nuclei.TUMOR, gain=(1, 1))
    assert layer[45:55, :4].max() > 0.3
    assert layer[20:90, 12:90].max() == 0


def test_overlapping_stamps_show_the_stronger(rng: np.random.Generator) -> None:
    """Two points drawn together equal the maximum of each drawn alone, in either order."""
    points, angles = np.array([[40.0, 40.0], [44.0, 41.0]]), np.array([0.3, 1.2])
    both, swapped, first, second = (
        tissue.stamp(rng, points[pick], nuclei.SPINDLE, gain=(1, 1), angles=angles[pick])
        for pick in ([0, 1], [1, 0], [0], [1])
    )
    np.testing.assert_array_equal(both, np.maximum(first, second))
    np.testing.assert_array_equal(both, swapped)


def test_angles_are_modulo_half_a_turn(rng: np.random.Generator) -> None:
    """A nucleus has no head."""
    layers = [
        tissue.stamp(rng, np.array([[40.0, 40.0]]), nuclei.SPINDLE, gain=(1, 1), angles=np.array([angle]))
        for angle in (0.5, 0.5 + np.pi, 0.5 - 3 * np.pi)
    ]
    np.testing.assert_array_equal(layers[0], layers[1])
    np.testing.assert_array_equal(layers[0], layers[2])


def test_no_points_no_stamps(rng: np.random.Generator) -> None:
    """An empty region is drawn empty."""
    assert tissue.stamp(rng, np.empty((0, 2)), nuclei.TUMOR, gain=(1, 1)).max() == 0


def test_nuclei_push_eosin_away(rng: np.random.Generator) -> None:
    """Under a nucleus there is less cytoplasm, elsewhere as much as before."""
    drawn = tissue.Tissue()
    drawn.lay(0.0, 0.5)
    layer = drawn.place(rng, np.array([[48.0, 48.0]]), nuclei.LYMPHOCYTE)
    assert drawn.eosin[layer > 0.9].max() < 0.35
    assert (drawn.eosin[layer == 0] == 0.5).all()
    np.testing.assert_array_equal(drawn.hematoxylin, layer)


def test_settle_blurs_both_dyes_and_removes_what_is_below_zero() -> None:
    """Against SciPy's correlation with the same kernel."""
    drawn, noise = tissue.Tissue(), np.random.default_rng(0).normal(0.3, 1, (2, 96, 96)).astype(np.float32)
    drawn.hematoxylin, drawn.eosin = noise
    drawn.settle(0.15)
    kernel = np.array([0.15, 0.7, 0.15])
    for found, before in ((drawn.hematoxylin, noise[0]), (drawn.eosin, noise[1])):
        expected = ndimage.correlate(before.astype(float), np.outer(kernel, kernel), mode="nearest")
        np.testing.assert_allclose(found, np.maximum(expected, 0), atol=1e-5)


def test_everything_stays_single_precision(rng: np.random.Generator) -> None:
    """Doubles would make patches slow."""
    drawn = tissue.Tissue()
    drawn.lay(0.1, 0.1 + 0.2 * fields.grain(rng, 1.0))
    drawn.place(rng, np.array([[3.0, 3.0]]), nuclei.TUMOR)
    drawn.settle(0.1)
    assert drawn.hematoxylin.dtype == drawn.eosin.dtype == np.float32


@pytest.fixture
def rng() -> np.random.Generator:
    """A seeded generator."""
    return np.random.default_rng(3)
