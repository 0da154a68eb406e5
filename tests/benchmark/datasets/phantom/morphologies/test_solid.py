"""Solid tumor and tumor with necrosis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmark.datasets.phantom import fields, nuclei
from benchmark.datasets.phantom.morphologies import solid, tumor

SEEDS = range(20)
TUMOR = (nuclei.TUMOR, nuclei.SMALL_TUMOR)
LYMPHOID = (nuclei.LYMPHOCYTE, nuclei.CENTROBLAST)


def test_surroundings_leave_the_mask_to_others(noted: Any) -> None:
    """No cell is centered in it, and everything else is painted; lymphoid in a little more than half."""
    without = np.zeros((96, 96), np.float32)
    without[10:60, 30:90] = 1
    lymphoid = 0
    for seed in range(100):
        drawn = noted()
        solid.surround(drawn, np.random.default_rng(seed), without)
        points = drawn.centers(*LYMPHOID, nuclei.SPINDLE)
        assert len(points) > 5
        assert (fields.at(without, points) == 0).all()
        assert (drawn.eosin > 0.01).mean() > 0.9
        is_lymphoid = bool(drawn.kinds & set(LYMPHOID))
        assert is_lymphoid is (nuclei.SPINDLE not in drawn.kinds)
        lymphoid += is_lymphoid
    assert 40 < lymphoid < 70


@pytest.mark.parametrize(("draw", "least"), [(solid.nests, 0.04), (solid.necrosis, 0.2)])
def test_under_label_1_a_least_share_of_the_central_third_is_tumor(draw: Any, least: float) -> None:
    """At times it is little more, at times all of it."""
    shares = [draw(np.random.default_rng(seed), 1).tumor[fields.CENTER, fields.CENTER].mean() for seed in range(60)]
    assert min(shares) >= 0.9 * least
    assert min(shares) < least + 0.25
    assert max(shares) == 1


@pytest.mark.parametrize("draw", [solid.nests, solid.necrosis])
def test_under_label_0_it_lies_off_the_central_third(draw: Any) -> None:
    """Cells included."""
    drawn = [draw(np.random.default_rng(seed), 0) for seed in SEEDS]
    assert not any(one.tumor[fields.CENTER, fields.CENTER].any() for one in drawn)
    assert sum(one.tumor.any() for one in drawn) > 0.8 * len(drawn)


@pytest.mark.parametrize("label", [0, 1])
def test_nests_are_filled_with_tumor_cells_and_nothing_else_is_in_them(noted: Any, label: int) -> None:
    """Large ones or small ones; other cells lie outside."""
    for seed in SEEDS:
        drawn = solid.nests(np.random.default_rng(seed), label)
        assert len(drawn.kinds & set(TUMOR)) <= 1
        assert nuclei.PYKNOTIC not in drawn.kinds
        inner = _region(seed, label) > 0.9
        others = drawn.centers(*LYMPHOID, nuclei.SPINDLE)
        inside = (others.min(axis=1) >= 0) & (others.max(axis=1) < 96)
        assert not inner[others[inside][:, 1].astype(int), others[inside][:, 0].astype(int)].any()
        assert drawn.tumor[inner].all()


def test_some_nests_have_drawn_back_from_what_surrounds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pale rim at the border of the region, in three of ten; the tumor is left out to see it."""
    monkeypatch.setattr(tumor, "paint", lambda *_: None)
    pale = 0
    for seed in range(100):
        drawn = solid.nests(np.random.default_rng(seed), 1)
        region = _region(seed, 1)
        rim = (region > 0.4) & (region < 0.6)
        if rim.any():
            pale += bool(drawn.hematoxylin[rim].max() < 0.1 and drawn.eosin[rim].max() < 0.1)
    assert 15 < pale < 45


def test_necrosis_is_dead_inside(noted: Any) -> None:
    """Debris lies in the tumor, far weaker ghosts of its cells with it; pink outweighs blue there."""
    seen = 0
    for seed in SEEDS:
        drawn = solid.necrosis(np.random.default_rng(seed), 1)
        specks = [one for one in drawn.placed if one.kind is nuclei.PYKNOTIC]
        ghosts = [one for one in drawn.placed if one.kind is nuclei.TUMOR and one.gain == (0.15, 0.45)]
        assert (len(specks), len(ghosts)) == (1, 1)
        points = specks[0].points
        points = points[(points.min(axis=1) >= 0) & (points.max(axis=1) < 96)].astype(int)
        assert drawn.tumor[points[:, 1], points[:, 0]].all()
        if len(points) > 30:
            seen += 1
            dead = np.zeros((96, 96), bool)
            dead[points[:, 1], points[:, 0]] = True
            from scipy import ndimage

            around = ndimage.binary_dilation(dead, iterations=5) & ~ndimage.binary_dilation(dead, iterations=3)
            assert np.median(drawn.eosin[around]) > 1.5 * np.median(drawn.hematoxylin[around])
    assert seen > 5


def test_live_tumor_rims_the_dead(noted: Any) -> None:
    """In many patches; its cells are as strong as elsewhere."""
    live = [
        sum(len(one.points) for one in drawn.placed if one.kind in TUMOR and one.gain == (0.72, 1.15))
        for drawn in (solid.necrosis(np.random.default_rng(seed), 1) for seed in SEEDS)
    ]
    assert sum(count > 3 for count in live) > len(SEEDS) / 4


def _region(seed: int, label: int) -> fields.Field:
    """Return the region of nests that the same draws give."""
    rng = np.random.default_rng(seed)
    return tumor.region(rng, label, cells=int(rng.integers(2, 5)), least=0.04)
