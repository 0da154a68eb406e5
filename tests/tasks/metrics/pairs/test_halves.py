"""Memberships within halves: equal to computing each half alone, where no pair lies within rounding of a radius."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tasks.metrics.pairs import halves as module
from tasks.metrics.pairs import tiles
from tasks.metrics.pairs.halves import radii_within
from tasks.metrics.pairs.neighbors import Neighbors
from tasks.metrics.pairs.one_pass import Groups, Reach, one_pass


def half(rows, count, seed):
    """Random halves, shape (rows, count)."""
    rng = np.random.default_rng(seed)
    return np.stack([rng.permutation(rows) < rows // 2 for _ in range(count)], axis=1)


def alone(sets, real, synthetic, reach):
    """Shares of one half, by brute force."""
    squared = sets.brute(real, synthetic)
    radii = sets.brute_radii(real, reach.k)[:, None]
    inside = squared <= radii if reach.closed else squared < radii
    return inside.any(axis=0).mean(), inside.any(axis=1).mean(), inside.sum() / len(synthetic)


@pytest.mark.parametrize("memory", [2**14, 2**27])
@pytest.mark.parametrize("name", ["gaussian", "single precision", "whole numbers", "copies", "constant", "huge"])
def test_each_half_is_as_if_alone(sets, name, memory):
    """Closed and open balls, both sides; also where rows are copies, so that distances and radii are exactly 0."""
    real, synthetic = sets.made(name)
    halves = Groups(half(len(real), 6, 1), half(len(synthetic), 6, 2))
    balls = (Reach(3, True), Reach(5, False))
    found = one_pass(real=real, synthetic=synthetic, balls=balls, halves=halves, memory=memory).halves
    for reach in balls:
        for at in range(6):
            one, other = real[halves.real[:, at]], synthetic[halves.synthetic[:, at]]
            for counts, expected in (
                (found[reach].in_real, alone(sets, one, other, reach)),
                (found[reach].in_synthetic, alone(sets, other, one, reach)),
            ):
                assert counts.points_held[at] == pytest.approx(expected[0])
                assert counts.balls_holding[at] == pytest.approx(expected[1])
                assert counts.balls_a_point[at] == pytest.approx(expected[2])


def test_what_was_not_kept_is_searched(sets, monkeypatch):
    """Where a half takes all of a row's near ones away."""
    searched = []
    plain = module._search
    monkeypatch.setattr(module, "_search", lambda *given: searched.append(given[1]) or plain(*given))
    features = np.random.default_rng(0).normal(size=(60, 4))
    (points,) = sets.points(features)
    members = torch.from_numpy(half(60, 8, 3))
    few, many = (Neighbors(points, keep=keep) for keep in (0, 59))
    for tile in tiles.within(points, 16):
        few.take(tile)
        many.take(tile)
    expected = radii_within(many, members, 5)
    assert searched == []
    found = radii_within(few, members, 5)
    torch.testing.assert_close(found.low, expected.low, rtol=1e-4, atol=0)
    torch.testing.assert_close(found.high, expected.high, rtol=1e-4, atol=0)
    torch.testing.assert_close(found.neighbor[members], expected.neighbor[members])
    assert len(searched) > 10


def test_chunks_change_nothing(sets, monkeypatch):
    """A row and a pair at a time."""
    real, synthetic = sets.made("gaussian")
    halves = Groups(half(len(real), 4, 1), half(len(synthetic), 4, 2))
    asked = {"real": real, "synthetic": synthetic, "balls": (Reach(3, True),), "halves": halves}
    before = one_pass(**asked).halves[Reach(3, True)]
    monkeypatch.setattr(module, "_BYTES", 1)
    after = one_pass(**asked).halves[Reach(3, True)]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one.points_held, other.points_held)
        np.testing.assert_array_equal(one.balls_a_point, other.balls_a_point)
