"""Nearest rows and radii: equal to brute force on differences, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from tasks.metrics.pairs import neighbors as module
from tasks.metrics.pairs import tiles
from tasks.metrics.pairs.neighbors import Neighbors


def neighbors_of(points, *, keep, side):
    """Nearest rows after all tiles went by."""
    found = Neighbors(points, keep=keep)
    for tile in tiles.within(points, side):
        found.take(tile)
    return found


@pytest.mark.parametrize("side", [1, 7, 1000])
def test_radii_equal_brute_force(sets, kind, side):
    """The row itself is not its neighbor, a copy of it is; bounds hold the radius."""
    for features in sets.made(kind):
        (points,) = sets.points(features)
        found = neighbors_of(points, keep=5, side=side)
        for k in (1, 3, 5):
            radii, true = found.radii(k), sets.brute_radii(features, k)
            np.testing.assert_array_equal(radii.exact(torch.arange(len(features))).numpy(), true)
            scaled = (np.sqrt(true) * points.frame.scale) ** 2
            assert (radii.low.double().numpy() <= scaled).all()
            assert (scaled <= radii.high.double().numpy()).all()


def test_the_farthest_neighbor_can_be_asked_for(sets):
    """N = k + 1 rows."""
    (points,) = sets.points(np.array([[0.0], [1.0], [5.0]]))
    assert neighbors_of(points, keep=2, side=2).radii(2).exact(torch.arange(3)).tolist() == [25.0, 16.0, 25.0]


def test_what_is_kept_is_what_is_nearest(sets):
    """SciPy's k-d tree, which shares no line; nearest first."""
    rows = np.random.default_rng(0).normal(size=(200, 3))
    (points,) = sets.points(rows)
    found = neighbors_of(points, keep=4, side=32)
    np.testing.assert_array_equal(found.index[:, :4].numpy(), cKDTree(rows).query(rows, 5)[1][:, 1:])


@pytest.mark.parametrize("size", [1, 2**25])
def test_ties_beyond_what_is_kept_are_searched_by_brute_force(sets, monkeypatch, size):
    """A lattice has more rows at one distance than are kept; far rows make float32 blind to their order."""
    monkeypatch.setattr(module, "_SPARE", 0)
    monkeypatch.setattr(module, "_BYTES", size)
    searched = []
    plain = module._by_brute_force
    monkeypatch.setattr(module, "_by_brute_force", lambda *given: searched.append(len(given[1])) or plain(*given))
    features = np.concatenate([np.random.default_rng(0).integers(0, 3, (60, 3)) / 10.0, [[1e6, 0, 0]]])
    (points,) = sets.points(features)
    found = neighbors_of(points, keep=3, side=16).radii(3).exact(torch.arange(61)).numpy()
    np.testing.assert_array_equal(found, sets.brute_radii(features, 3))
    assert sum(searched) >= 60


@pytest.mark.parametrize("side", [1, 7, 1000])
@pytest.mark.parametrize("reverse", [False, True])
def test_nearest_of_another_set_equal_brute_force(sets, kind, side, reverse):
    """Distances to the last bit; of equally near rows the first; whichever set the tiles' rows are of."""
    one, other = sets.made(kind)
    first, second = sets.points(one, other)
    found = Neighbors(first, keep=3, others=second)
    for tile in tiles.between(*((second, first) if reverse else (first, second)), side):
        found.take(tile)
    nearest, true = found.nearest(3), sets.brute(one, other)
    expected = np.argsort(true, axis=1, kind="stable")[:, :3]
    np.testing.assert_array_equal(nearest.index, expected)
    np.testing.assert_array_equal(nearest.squared, np.take_along_axis(true, expected, axis=1))


def test_a_copy_in_another_set_is_a_neighbor(sets):
    """And a set of one row has one."""
    first, second = sets.points(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[3.0, 4.0]]))
    found = Neighbors(first, keep=1, others=second)
    for tile in tiles.between(first, second, 8):
        found.take(tile)
    assert found.nearest(1).squared.tolist() == [[8.0], [0.0]]


def test_a_radius_is_computed_once(sets, monkeypatch):
    """However often it is asked for; repeats within one question too."""
    computed = []
    plain = module.Radii._compute
    monkeypatch.setattr(module.Radii, "_compute", lambda self, rows: computed.append(len(rows)) or plain(self, rows))
    (points,) = sets.points(np.random.default_rng(0).normal(size=(20, 3)))
    radii = neighbors_of(points, keep=3, side=8).radii(2)
    first = radii.exact(torch.tensor([3, 3, 7]))
    again = radii.exact(torch.tensor([7, 3]))
    assert computed == [2]
    assert first.tolist() == [again[1], again[1], again[0]]
