"""Tiles: every pair once, bounds that hold, memory that was given."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tasks.metrics.pairs import tiles


@pytest.mark.parametrize("side", [1, 4, 7, 100])
def test_each_pair_of_a_set_is_in_one_tile(sets, side):
    """A mirrored tile stands for two."""
    (points,) = sets.points(np.random.default_rng(0).normal(size=(13, 3)))
    seen = np.zeros((13, 13), int)
    for tile in tiles.within(points, side):
        seen[tile.rows, tile.columns] += 1
        if tile.mirrored:
            seen[tile.columns, tile.rows] += 1
    assert (seen == 1).all()


def test_rows_are_centered_once_for_a_strip(sets, monkeypatch):
    """13 rows in blocks of one: four strips, of which each meets the rest of the set and its own blocks."""
    (points,) = sets.points(np.random.default_rng(0).normal(size=(13, 3)))
    asked = []
    plain = points.rows
    monkeypatch.setattr(points, "rows", lambda chosen: asked.append(chosen) or plain(chosen))
    assert len(list(tiles.within(points, 1))) == 13 * 14 // 2
    assert len(asked) == 13 + 9 + 5 + 1


@pytest.mark.parametrize("side", [1, 4, 7, 100])
def test_each_pair_of_two_sets_is_in_one_tile(sets, side):
    """No tile is mirrored or diagonal."""
    rng = np.random.default_rng(0)
    first, second = sets.points(rng.normal(size=(13, 3)), rng.normal(size=(9, 3)))
    seen = np.zeros((13, 9), int)
    for tile in tiles.between(first, second, side):
        assert not tile.mirrored
        assert not tile.diagonal
        seen[tile.rows, tile.columns] += 1
    assert (seen == 1).all()


def test_bounds_hold(sets, kind):
    """Below and above the true squared distance, on sets where float32 goes astray."""
    one, other = sets.made(kind)
    first, second = sets.points(one, other)
    true = np.sqrt(sets.brute(one, other)) * first.frame.scale
    for tile in tiles.between(first, second, 20):
        row, column = (every.flatten() for every in torch.meshgrid(*map(torch.arange, tile.low.shape), indexing="ij"))
        squared = true[tile.rows, tile.columns].flatten() ** 2
        low = tile.low.flatten().double().numpy()
        high = (tile.low.flatten() + tile.gap(row, column)).double().numpy()
        assert (low <= squared).all()
        assert (squared <= high).all()


def test_bounds_are_tight_enough_to_decide(sets):
    """A ten-thousandth of the distance, at 64 columns."""
    rng = np.random.default_rng(0)
    first, second = sets.points(rng.normal(size=(50, 64)), rng.normal(size=(40, 64)))
    (tile,) = tiles.between(first, second, 100)
    row, column = (every.flatten() for every in torch.meshgrid(*map(torch.arange, tile.low.shape), indexing="ij"))
    assert float((tile.gap(row, column) / tile.low.flatten()).max()) < 1e-4


def test_a_row_does_not_meet_itself(sets):
    """But its copy does."""
    (points,) = sets.points(np.array([[1.0, 2.0], [1.0, 2.0], [3.0, 4.0]]))
    (tile,) = tiles.within(points, 10)
    assert torch.isinf(tile.low).nonzero().tolist() == [[0, 0], [1, 1], [2, 2]]
    assert float(tile.low[0, 1]) <= 0.0


def test_tiles_grow_with_memory():
    """Never beyond what was given, unless not even a row fits."""
    sides = [tiles.side_for(memory, 2048) for memory in (1, 2**20, 2**27, 2**40)]
    assert sides == sorted(sides)
    assert (sides[0], sides[-1]) == (1, 4096)
    for memory, side in zip((2**20, 2**27), sides[1:3], strict=True):
        assert 32 * side**2 + 4 * (2 * tiles.STRIP + 1) * side * 2048 <= memory
