"""Membership: exact at the sphere, and of the right side."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tasks.metrics.pairs import tiles
from tasks.metrics.pairs.balls import Balls, Near


class Given:
    """Radii that are given, with bounds as wide as those of the frame."""

    def __init__(self, points, squared):
        scaled = (np.sqrt(squared) * points.frame.scale) ** 2
        slack = 4 * points.slack * (scaled + points.norms.numpy()) + points.least
        self.low, self.high = (torch.from_numpy(bound).float() for bound in (scaled - slack, scaled + slack))
        self._squared = torch.from_numpy(np.asarray(squared, np.float64))

    def exact(self, rows):
        return self._squared[rows]


def membership(sets, centers, points, squared, *, closed, side=16, reverse=False):
    """Count with the centers as rows of the tiles, or as columns."""
    first, second = sets.points(centers, points)
    balls = Balls(centers=first, points=second, radii=(radii := Given(first, squared)), closed=closed)
    if reverse:
        for tile in tiles.between(second, first, side):
            balls.take(Near.columns(tile, radii.high))
    else:
        for tile in tiles.between(first, second, side):
            balls.take(Near.rows(tile, radii.high))
    return balls.membership()


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("closed", [False, True])
def test_equal_to_brute_force_where_every_ball_passes_through_a_point(sets, kind, closed, reverse):
    """Each radius is exactly the distance to some point: closed balls hold it, open ones don't."""
    points, centers = sets.made(kind)
    squared = sets.brute(centers, points)
    radii = squared[np.arange(len(centers)), np.random.default_rng(1).integers(0, len(points), len(centers))]
    inside = squared <= radii[:, None] if closed else squared < radii[:, None]
    found = membership(sets, centers, points, radii, closed=closed, reverse=reverse)
    np.testing.assert_array_equal(found.points_in_ball, inside.sum(axis=1))
    np.testing.assert_array_equal(found.balls_of_point, inside.sum(axis=0))


@pytest.mark.parametrize("reverse", [False, True])
def test_points_and_centers_are_not_swappable(sets, reverse):
    """Two points, three balls, by hand: the ball about 0 holds both, the one about 9 the second."""
    found = membership(
        sets, np.array([[0.0], [9.0], [50.0]]), np.array([[1.0], [2.0]]), np.array([9.0, 49.5, 1.0]), closed=False,
        reverse=reverse,
    )  # fmt: skip
    assert found.balls_of_point.tolist() == [1, 2]
    assert found.points_in_ball.tolist() == [2, 1, 0]


def test_a_ball_of_radius_zero_holds_copies_only_when_closed(sets):
    """And nothing when open."""
    centers = np.array([[0.1, 0.2], [0.3, 0.4]])
    points = np.array([[0.1, 0.2], [0.1, 0.2], [0.3, 0.4000001]])
    counts = {
        closed: membership(sets, centers, points, np.zeros(2), closed=closed).points_in_ball.tolist()
        for closed in (True, False)
    }
    assert counts == {True: [2, 0], False: [0, 0]}
