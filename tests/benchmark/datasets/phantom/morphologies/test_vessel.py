"""Vessel."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from benchmark.datasets.phantom import fields, nuclei, tissue
from benchmark.datasets.phantom.morphologies import vessel

SEEDS = range(20)
MIDDLE = np.array([60.0, 40.0])
ROUND: fields.Field = np.sqrt((fields.X - np.float32(60)) ** 2 + (fields.Y - np.float32(40)) ** 2)


def test_distance_is_from_the_axis_and_stretched_in_one_direction(unbent: None) -> None:
    """Zero in the middle (columns are x); across the vessel a pixel counts as one, along it as less, 1.5 times at most."""
    ratios = []
    for seed in range(40):
        found = vessel._distance(np.random.default_rng(seed), MIDDLE)
        assert found.dtype == np.float32
        assert np.unravel_index(found.argmin(), found.shape) == (40, 60)
        assert found[40, 60] == 0
        ratio = ROUND[ROUND > 10] / found[ROUND > 10]
        assert ratio.min() == pytest.approx(1, abs=0.01)
        ratios.append(ratio.max())
    assert 1 < min(ratios) < 1.15
    assert 1.35 < max(ratios) <= 1.5


def test_its_outline_is_uneven() -> None:
    """By a few pixels."""
    assert 0.5 < np.std(vessel._distance(np.random.default_rng(1), MIDDLE) - _unbent_distance(1)) < 5


def test_red_cells_take_eosin_only_and_stay_in_the_lumen() -> None:
    """What is pinker already stays as it is."""
    for seed in SEEDS:
        drawn, where = tissue.Tissue(), np.zeros((96, 96), np.float32)
        where[20:70, 30:90] = 1
        drawn.eosin[:, 50:60] = 3.0
        before = drawn.eosin.copy()
        vessel._red_cells(drawn, np.random.default_rng(seed), where)
        assert drawn.hematoxylin.max() == 0
        assert (drawn.eosin >= before).all()
        assert (drawn.eosin[where == 0] == before[where == 0]).all()
        assert (drawn.eosin[:, 50:60] == 3.0).all()


def test_red_cells_fill_a_part_of_the_lumen() -> None:
    """From nearly none to nearly all."""
    shares = []
    for seed in range(40):
        drawn = tissue.Tissue()
        vessel._red_cells(drawn, np.random.default_rng(seed), np.ones((96, 96), np.float32))
        shares.append((drawn.eosin > 0.1).mean())
    assert min(shares) < 0.4
    assert max(shares) > 0.7


def test_the_lining_lies_along_the_wall(noted: Any) -> None:
    """Flat nuclei on a circle about the middle, across the radius, three of four of those there is room for."""
    counts = []
    for seed in SEEDS:
        drawn = noted()
        vessel._lining(drawn, np.random.default_rng(seed), MIDDLE, 20.0, ROUND)
        (placed,) = drawn.placed
        offset = placed.points - MIDDLE
        assert placed.kind is nuclei.SPINDLE
        assert np.hypot(*offset.T) == pytest.approx(np.full(len(offset), 23.0))
        around = np.arctan2(offset[:, 1], offset[:, 0])
        assert np.angle(np.exp(2j * (placed.angles - around - np.pi / 2))) == pytest.approx(0 * around, abs=1e-9)
        counts.append(len(offset))
    assert np.mean(counts) == pytest.approx(0.75 * np.ceil(2 * np.pi * 20 / 7), rel=0.15)


def test_the_lining_keeps_to_the_wall_where_it_is_bent(noted: Any) -> None:
    """Where the wall is more than four pixels off, and beyond the patch, there is none."""
    drawn = noted()
    bent = ROUND + 6 * (fields.X > 60)
    vessel._lining(drawn, np.random.default_rng(0), MIDDLE, 20.0, bent)
    assert len(drawn.placed[0].points) > 3
    assert (drawn.placed[0].points[:, 0] < 61).all()
    vessel._lining(drawn, np.random.default_rng(0), np.array([90.0, 40.0]), 20.0, np.full((96, 96), 20, np.float32))
    assert drawn.placed[1].points.max() < 96 + 9


def test_a_lumen_in_a_wall_in_other_tissue(noted: Any) -> None:
    """From the inside out, against the places the same draws give: no nucleus, flat ones, those of the tissue."""
    surroundings, walls = set(), []
    for seed in SEEDS:
        drawn, known = vessel.vessel(np.random.default_rng(seed), 0), _known(seed)
        *around, lining = drawn.placed
        assert lining.kind is nuclei.SPINDLE
        inside = fields.at(known.distance, lining.points)
        assert (np.abs(inside - (known.lumen + 0.4 * known.wall)) < 4).all()
        for one in around:
            inner = one.points[(one.points.min(axis=1) >= 0) & (one.points.max(axis=1) < 96)]
            assert (fields.at(known.distance, inner) > known.lumen + known.wall - 1).all()
        surroundings.add(frozenset(one.kind for one in around))
        hollow = known.distance < known.lumen - 6
        assert hollow.any()
        assert drawn.hematoxylin[hollow].max() < 0.05
        assert drawn.eosin[hollow].min() == pytest.approx(0.03)
        ring = (known.distance > known.lumen + 2) & (known.distance < known.lumen + known.wall - 2)
        assert drawn.eosin[ring].mean() > 0.015
        walls.append(drawn.eosin[ring].mean())
    assert surroundings == {frozenset({nuclei.LYMPHOCYTE, nuclei.CENTROBLAST}), frozenset({nuclei.SPINDLE})}
    assert np.mean(walls) > 0.1


def test_red_cells_are_in_the_lumen_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in the wall, of which the mask they are given holds a softened edge at most."""
    masks: list[fields.Field] = []
    monkeypatch.setattr(vessel, "_red_cells", lambda drawn, rng, where: masks.append(where))
    for seed in SEEDS:
        vessel.vessel(np.random.default_rng(seed), 0)
        known = _known(seed)
        assert masks[-1][known.distance < known.lumen - 1].min() == pytest.approx(1, abs=1e-5)
        assert masks[-1][known.distance > known.lumen + 1].max() == pytest.approx(0, abs=1e-5)


def test_there_is_no_tumor_whatever_the_label() -> None:
    """The label changes nothing at all."""
    one, other = (vessel.vessel(np.random.default_rng(3), label) for label in (0, 1))
    np.testing.assert_array_equal(one.hematoxylin, other.hematoxylin)
    np.testing.assert_array_equal(one.eosin, other.eosin)
    assert not one.tumor.any()
    assert not other.tumor.any()


class Known(NamedTuple):
    """What a vessel is drawn from."""

    distance: fields.Field
    lumen: float
    wall: float


def _known(seed: int) -> Known:
    rng = np.random.default_rng(seed)
    distance = vessel._distance(rng, rng.uniform(34, 62, 2))
    return Known(distance, rng.uniform(13, 24), rng.uniform(6, 12))


def _unbent_distance(seed: int) -> fields.Field:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fields, "smooth", lambda rng, cells: np.zeros((96, 96), np.float32))
        return vessel._distance(np.random.default_rng(seed), MIDDLE)
