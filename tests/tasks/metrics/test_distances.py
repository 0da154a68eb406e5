"""Exact neighbors: equal to a float64 brute force on differences, to the last bit, whatever the block and the data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from tasks.metrics import distances
from tasks.metrics.distances import membership, squared_radii


def brute(first, second):
    """All squared distances from the differences, in float64."""
    gaps = first.astype(np.float64)[:, None, :] - second.astype(np.float64)[None, :, :]
    return np.square(gaps).sum(axis=2)


def brute_radii(features, k):
    """The k-th smallest squared distance to another row."""
    squared = brute(features, features)
    np.fill_diagonal(squared, np.inf)
    return np.sort(squared, axis=1)[:, k - 1]


def data(kind):
    """Sets on which a matrix product goes astray, or on which ties decide."""
    rng = np.random.default_rng(0)
    if kind == "gaussian":
        return rng.normal(size=(83, 24)), rng.normal(0.2, 1.2, size=(61, 24))
    if kind == "single precision":
        return rng.normal(size=(83, 24)).astype(np.float32), rng.normal(size=(61, 24)).astype(np.float32)
    if kind == "mixed precision":
        return rng.normal(size=(50, 7)).astype(np.float16), rng.normal(size=(40, 7))
    if kind == "whole numbers":
        return rng.integers(-3, 4, (90, 2)).astype(np.int8), rng.integers(-3, 4, (70, 2)).astype(np.uint8)
    if kind == "lattice":
        return rng.integers(0, 4, (90, 3)) / 10.0, rng.integers(0, 4, (70, 3)) / 10.0
    if kind == "copies":
        rows = rng.normal(size=(6, 5))
        return rows[rng.integers(0, 6, 60)], rows[rng.integers(0, 6, 40)]
    if kind == "constant":
        return np.full((30, 4), 0.1), np.full((25, 4), 0.1)
    if kind == "far from the origin":
        return 1e8 + rng.normal(size=(60, 6)), 1e8 + rng.normal(size=(50, 6))
    if kind == "tight beside an outlier":
        first, second = 1e-6 * rng.normal(size=(60, 6)), 1e-6 * rng.normal(size=(50, 6))
        first[7], second[11] = 1e7, -1e7
        return first, second
    if kind == "tight between outliers":
        first, second = 1e-6 * rng.normal(size=(60, 6)), 1e-6 * rng.normal(size=(50, 6))
        first[:8] = second[:8] = 1e7 * np.array([1, -1] * 4)[:, None] + rng.normal(size=(8, 6))
        return first, second
    if kind == "tiny":
        return 1e-160 * rng.normal(size=(40, 5)), 1e-160 * rng.normal(size=(30, 5))
    assert kind == "huge"
    return 1e30 * rng.uniform(-1, 1, size=(40, 5)), 1e30 * rng.uniform(-1, 1, size=(30, 5))


KINDS = [
    "gaussian", "single precision", "mixed precision", "whole numbers", "lattice", "copies", "constant",
    "far from the origin", "tight beside an outlier", "tight between outliers", "tiny", "huge",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k", [1, 3, 5])
def test_radii_equal_brute_force_to_the_last_bit(kind, k):
    """The row itself is not its neighbor, a copy of it is."""
    for features in data(kind):
        np.testing.assert_array_equal(squared_radii(features, k=k), brute_radii(features, k))


def test_radii_equal_a_tree_search():
    """SciPy's k-d tree, which shares no line with either."""
    features, _ = data("gaussian")
    for k in (1, 4):
        np.testing.assert_allclose(
            np.sqrt(squared_radii(features, k=k)), cKDTree(features).query(features, k + 1)[0][:, k]
        )


def test_the_farthest_neighbor_can_be_asked_for():
    """N = k + 1 rows."""
    features = np.array([[0.0], [1.0], [5.0]])
    assert squared_radii(features, k=2).tolist() == [25.0, 16.0, 25.0]


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_membership_equals_brute_force_where_every_ball_passes_through_a_point(kind, closed):
    """Each radius is exactly the distance to some point: closed balls hold it, open ones don't."""
    points, centers = data(kind)
    squared = brute(points, centers)
    radii = squared[np.random.default_rng(1).integers(0, len(points), len(centers)), np.arange(len(centers))]
    inside = squared <= radii if closed else squared < radii
    found = membership(points=points, centers=centers, squared=radii, closed=closed)
    np.testing.assert_array_equal(found.balls_of_point, inside.sum(axis=1))
    np.testing.assert_array_equal(found.points_in_ball, inside.sum(axis=0))


@pytest.mark.parametrize("kind", ["gaussian", "lattice", "copies", "tight beside an outlier"])
@pytest.mark.parametrize("block_rows", [1, 7, 1000])
def test_no_block_of_rows_changes_a_bit(kind, block_rows):
    """One row at a time, a few, or all at once."""
    points, centers = data(kind)
    radii = squared_radii(centers, k=3)
    np.testing.assert_array_equal(squared_radii(centers, k=3, block_rows=block_rows), radii)
    whole = membership(points=points, centers=centers, squared=radii, closed=True)
    blocks = membership(points=points, centers=centers, squared=radii, closed=True, block_rows=block_rows)
    np.testing.assert_array_equal(blocks.balls_of_point, whole.balls_of_point)
    np.testing.assert_array_equal(blocks.points_in_ball, whole.points_in_ball)


@pytest.mark.parametrize("kind", ["gaussian", "lattice", "copies", "tight beside an outlier"])
def test_no_budget_of_memory_changes_a_bit(kind, monkeypatch):
    """Tiles of a few columns and a few exact pairs at a time."""
    points, centers = data(kind)
    radii = squared_radii(centers, k=3)
    whole = membership(points=points, centers=centers, squared=radii, closed=False)
    monkeypatch.setattr(distances, "_BLOCK_BYTES", 1000)
    monkeypatch.setattr(distances, "_EXACT_BYTES", 100)
    np.testing.assert_array_equal(squared_radii(centers, k=3), radii)
    tiled = membership(points=points, centers=centers, squared=radii, closed=False)
    np.testing.assert_array_equal(tiled.balls_of_point, whole.balls_of_point)
    np.testing.assert_array_equal(tiled.points_in_ball, whole.points_in_ball)


def test_points_and_centers_are_not_swappable():
    """Two points, three balls, by hand: the ball about 0 holds both, the one about 9 the second."""
    found = membership(
        points=np.array([[1.0], [2.0]]), centers=np.array([[0.0], [9.0], [50.0]]), squared=np.array([9.0, 49.5, 1.0]),
        closed=False,
    )  # fmt: skip
    assert found.balls_of_point.tolist() == [1, 2]
    assert found.points_in_ball.tolist() == [2, 1, 0]


def test_a_ball_of_radius_zero_holds_copies_only_when_closed():
    """And nothing when open."""
    centers = np.array([[0.1, 0.2], [0.3, 0.4]])
    points = np.array([[0.1, 0.2], [0.1, 0.2], [0.3, 0.4000001]])
    counts = {
        closed: membership(points=points, centers=centers, squared=np.zeros(2), closed=closed).points_in_ball.tolist()
        for closed in (True, False)
    }
    assert counts == {True: [2, 0], False: [0, 0]}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int8, np.uint16])
def test_results_do_not_inherit_the_dtype_of_the_features(dtype):
    """Radii are float64, counts int64."""
    rows = np.random.default_rng(0).integers(0, 50, (12, 3)).astype(dtype)
    radii = squared_radii(rows, k=2)
    found = membership(points=rows, centers=rows, squared=radii, closed=True)
    assert radii.dtype == np.float64
    assert found.balls_of_point.dtype == found.points_in_ball.dtype == np.int64


def test_features_given_are_left_alone():
    """No centering in place."""
    points, centers = data("gaussian")
    kept = points.copy(), centers.copy()
    membership(points=points, centers=centers, squared=squared_radii(centers, k=2), closed=True)
    np.testing.assert_array_equal(points, kept[0])
    np.testing.assert_array_equal(centers, kept[1])


def test_few_pairs_are_computed_again(monkeypatch):
    """The screen decides nearly all of 160,000 pairs twice over; of copies each kind of pair is computed once."""
    computed = []
    plain = distances._norms
    monkeypatch.setattr(distances, "_norms", lambda block: computed.append(len(block)) or plain(block))
    rng = np.random.default_rng(0)
    for features, most in (
        (rng.normal(size=(400, 16)), 3300),
        (rng.normal(size=(3, 16))[rng.integers(0, 3, 400)], 1620),
    ):
        computed.clear()
        membership(points=features, centers=features, squared=squared_radii(features, k=3), closed=True)
        assert sum(computed) < most
