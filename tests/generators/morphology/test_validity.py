"""Validity indices against closed forms and a loop over every pair, row and feature."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from generators.morphology import validity


def spelled_out(rows, labels):
    """S_Dbw and SD in plain Python, index by index."""
    ks, width, n = sorted(set(labels)), len(rows[0]), len(rows)

    def of(k):
        return [row for row, label in zip(rows, labels, strict=True) if label == k]

    def mean(group):
        return [sum(row[d] for row in group) / len(group) for d in range(width)]

    def deviation(group):
        middle = mean(group)
        return [math.sqrt(sum((row[d] - middle[d]) ** 2 for row in group) / len(group)) for d in range(width)]

    def norm(vector):
        return math.sqrt(sum(x * x for x in vector))

    centers = {k: min(of(k), key=lambda row, k=k: math.dist(row, mean(of(k)))) for k in ks}
    whole = norm(deviation(rows))
    scattering = sum(norm(deviation(of(k))) for k in ks) / whole / len(ks)
    tong = sum((n - len(of(k))) / n * norm(deviation(of(k))) for k in ks) / whole / (len(ks) - 1)

    def density(group, place, spread, count):
        return sum(
            all(abs(row[d] - place[d]) <= 1.96 * spread[d] / math.sqrt(count) for d in range(width)) for row in group
        )

    own = {k: density(of(k), centers[k], deviation(of(k)), len(of(k))) for k in ks}
    between = 0.0
    for i, j in itertools.permutations(ks, 2):
        ni, nj = len(of(i)), len(of(j))
        place = [
            0.7 * (a * nj + b * ni) / (ni + nj) + 0.3 * (a * own[i] + b * own[j]) / (own[i] + own[j])
            for a, b in zip(centers[i], centers[j], strict=True)
        ]
        spread = [(a + b) / 2 for a, b in zip(deviation(of(i)), deviation(of(j)), strict=True)]
        between += density(of(i) + of(j), place, spread, ni + nj) / max(own[i], own[j])
    between /= len(ks) * (len(ks) - 1)
    apart = [math.dist(centers[i], centers[j]) for i, j in itertools.combinations(ks, 2)]
    sums = [sum(math.dist(centers[i], centers[j]) for j in ks) for i in ks]
    return tong + between, scattering + max(apart) / min(apart) * sum(1 / one for one in sums)


@pytest.mark.parametrize(("width", "count"), [(1, 60), (2, 200), (3, 150), (20, 90), (40, 60)])
def test_indices_are_those_spelled_out(width, count):
    """For overlapping clouds of unequal size, in few features and in many."""
    rng = np.random.default_rng(width)
    labels = np.concatenate([np.arange(4), rng.choice(4, count - 4, p=[0.5, 0.3, 0.1, 0.1])])
    rows = rng.normal(0, 1, (count, width)) + rng.normal(0, 0.6, (4, width))[labels]
    found = validity.measure(rows, labels)
    s_dbw, sd = spelled_out(rows.tolist(), labels.tolist())
    assert found.s_dbw == pytest.approx(s_dbw, rel=1e-12)
    assert found.sd == pytest.approx(sd, rel=1e-12)
    if width == 1:
        assert found.density_between > 0.1  # Or the test would not have seen that part.
    if width == 40:
        assert found.density_between == 0


def test_two_pairs_of_points_have_a_closed_form():
    """Points 0, 2 and 10, 12 on a line: deviations 1 and 1 within, the root of 26 in all; centers 0 and 10."""
    found = validity.measure(np.array([[0.0], [2.0], [10.0], [12.0]]), np.array([0, 0, 1, 1]))
    ratio = 1 / math.sqrt(26)
    assert found.scattering == pytest.approx(ratio)
    assert found.tong_scattering == pytest.approx(ratio)
    assert found.separation == pytest.approx(2 / 10)
    # Between them, at 5, nothing lies within 1.96 / 2.
    assert found.density_between == 0
    assert found.sd == pytest.approx(ratio + 0.2)


def test_density_between_counts_what_lies_there():
    """Centers -5 and 5; three rows stand at 0, where reach is 1.96 s / sqrt(n)."""
    left, right = [-5.0] * 9 + [0.0], [5.0] * 8 + [0.0, 0.0]
    found = validity.measure(np.array([*left, *right])[:, None], np.repeat([0, 1], 10))
    # Densities at the centers are 9 and 8; the place between is 0.3 * (-5 * 9 + 5 * 8) / 17, within reach of the three.
    assert found.density_between == pytest.approx(3 / 9)


def test_better_apart_is_less():
    """The same clouds, further apart: both indices fall."""
    rng = np.random.default_rng(0)
    noise, labels = rng.normal(0, 1, (90, 2)), np.arange(90) % 3
    middles = np.array([[0, 0], [1, 0], [0, 1]])
    near, far = (validity.measure(noise + distance * middles[labels], labels) for distance in (3, 12))
    assert far.s_dbw < near.s_dbw
    assert far.sd < near.sd


def test_what_cannot_be_compared_is_refused():
    """One cluster, and two with one center."""
    with pytest.raises(ValueError, match="found one"):
        validity.measure(np.zeros((3, 1)), np.zeros(3, np.int64))
    with pytest.raises(ValueError, match="same center"):
        validity.measure(np.array([[0.0], [0.0], [5.0]]), np.array([0, 1, 2]))
