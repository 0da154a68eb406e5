"""Glands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmark.datasets.phantom import fields, layout, nuclei
from benchmark.datasets.phantom.morphologies import glands

NO_WARP = np.zeros((96, 96), np.float32)


def test_distance_is_to_the_nearest_lumens_border() -> None:
    """By hand: a lumen of 8 about (30, 50), one of 5 about (80, 50); columns are x, rows are y."""
    found = glands._nearest(np.array([[30.0, 50.0], [80.0, 50.0]]), np.array([8.0, 5.0]), NO_WARP)
    assert found[50, 30] == -8
    assert found[50, 38] == 0
    assert found[50, 48] == 10
    assert found[90, 30] == 32
    assert found[50, 80] == -5
    assert found[50, 72] == 3
    shifted = glands._nearest(np.array([[30.0, 50.0]]), np.array([8.0]), NO_WARP + np.float32(2.5))
    assert shifted[50, 38] == 2.5


@pytest.mark.parametrize("warp", [0.0, 3.0])
def test_nuclei_stand_around_the_lumen_and_point_at_its_middle(noted: Any, warp: float) -> None:
    """Evenly, 7.5 pixels beyond its border as the warp moves it, as many as there is room for."""
    drawn, middle, lumen = noted(), np.array([60.0, 40.0]), 10.0
    glands._epithelium(drawn, np.random.default_rng(0), middle[None], np.array([lumen]), NO_WARP + np.float32(warp))
    (placed,) = drawn.placed
    offset = placed.points - middle
    radius, around = np.hypot(*offset.T), np.arctan2(offset[:, 1], offset[:, 0])
    assert placed.kind is nuclei.COLUMNAR
    assert len(radius) == int(2 * np.pi * (lumen + 7.5) / 6.2) == 17
    assert radius.mean() == pytest.approx(lumen + 7.5 - warp, abs=1)
    assert radius.std() < 2.5
    assert np.angle(np.exp(2j * (placed.angles - around))) == pytest.approx(np.zeros(17), abs=1e-9)
    gaps = np.diff(np.sort(around))
    assert gaps == pytest.approx(np.full(16, 2 * np.pi / 17), abs=0.3)


def test_nuclei_beyond_the_rim_of_the_patch_are_left_out(noted: Any) -> None:
    """A gland at the border shows its inner half."""
    drawn = noted()
    glands._epithelium(drawn, np.random.default_rng(0), np.array([[-5.0, 40.0]]), np.array([12.0]), NO_WARP)
    (placed,) = drawn.placed
    assert len(placed.points) == len(placed.angles) < 19
    assert layout.seen(placed.points).all()


def test_under_label_1_a_gland_reaches_the_central_third() -> None:
    """Its epithelium covers a place in there; the others keep their distances to it."""
    for seed in range(40):
        middles, lumens = glands._places(np.random.default_rng(seed), 1)
        reach = layout.from_center(middles) - lumens
        assert len(middles) == len(lumens)
        assert reach.min() < 9
        assert ((lumens >= 4) & (lumens <= 13)).all()


def test_under_label_0_every_gland_keeps_clear_of_it() -> None:
    """With seven pixels to spare for the warp; where none does, one comes in from a border."""
    at_border = 0
    for seed in range(200):
        middles, lumens = glands._places(np.random.default_rng(seed), 0)
        assert len(middles) == len(lumens) >= 1
        if len(middles) == 1 and middles[0, 0] in (-4.0, 100.0):
            at_border += 1
        else:
            assert (layout.from_center(middles) > lumens + 14 + 7).all()
    assert 0 < at_border < 200


def test_a_gland_from_the_border_where_no_other_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """All glands of the lattice in the middle: the one that is made up lies just outside."""
    monkeypatch.setattr(layout, "scatter", lambda rng, spacing, jitter: np.array([[48.0, 48.0], [50.0, 40.0]]))
    sides = set()
    for seed in range(20):
        middles, lumens = glands._places(np.random.default_rng(seed), 0)
        assert (middles.shape, lumens.shape) == ((1, 2), (1,))
        assert 0 <= middles[0, 1] <= 96
        sides.add(middles[0, 0])
    assert sides == {-4.0, 100.0}


@pytest.mark.parametrize("label", [0, 1])
def test_a_gland_is_a_pale_lumen_in_a_ring_of_nuclei_and_all_of_it_is_tumor(unbent: None, label: int) -> None:
    """Against the places the same draws give, for glands that lie whole in the patch."""
    looked_at = 0
    for seed in range(20):
        drawn = glands.glands(np.random.default_rng(seed), label)
        nearest = _lumens(seed, label)
        lumen, ring = nearest < -3, (nearest > 3) & (nearest < 12)
        assert drawn.tumor[nearest < 13].all()
        assert not drawn.tumor[nearest > 15].any()
        if lumen.sum() > 30:
            looked_at += 1
            assert drawn.hematoxylin[lumen].mean() < 0.1
            assert drawn.eosin[lumen].mean() < 0.3
            assert drawn.hematoxylin[ring].mean() > 0.25
    assert looked_at > 5


def test_no_spindle_cell_of_the_stroma_lies_in_a_gland(noted: Any, unbent: None) -> None:
    """Between the glands there are some."""
    count = 0
    for seed in range(10):
        drawn = glands.glands(np.random.default_rng(seed), 1)
        assert drawn.kinds <= {nuclei.SPINDLE, nuclei.COLUMNAR}
        points = drawn.centers(nuclei.SPINDLE)
        count += len(points)
        assert (fields.at(_lumens(seed, 1), points) > 13).all()
    assert count > 50


def _lumens(seed: int, label: int) -> fields.Field:
    """Return the distance from the lumens that a patch of this seed has, unbent."""
    from benchmark.datasets.phantom import tissue
    from benchmark.datasets.phantom.morphologies import stroma

    rng = np.random.default_rng(seed)
    stroma.fibers(tissue.Tissue(), rng, rng.uniform(0, np.pi))
    return glands._nearest(*glands._places(rng, label), NO_WARP)
