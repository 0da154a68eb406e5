"""Requests: labels by the training frequency, seeds and ranks that hang on the position alone."""

from __future__ import annotations

import hashlib
from fractions import Fraction

import numpy as np
import pytest

from benchmark.execution.stages import requests


def make(start: int, stop: int, *, seed: int = 0, shares: tuple[float, ...] = (0.6, 0.4)):
    return requests.make(start=start, stop=stop, seed=seed, frequencies=np.array(shares), classes=("a", "b"))


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((0.5, 0.5), [0, 1, 0, 1, 0]),
        ((0.75, 0.25), [0, 0, 1, 0, 0, 0, 1, 0]),
        ((0.25, 0.75), [1, 0, 1, 1, 1, 0, 1, 1]),
        ((0.0, 1.0), [1, 1, 1]),
        ((0.2, 0.3, 0.5), [2, 1, 0, 2, 1, 2, 2, 0, 1, 2]),
    ],
)
def test_labels_by_hand(shares, expected):
    """Each place goes to the class that lacks most, the first on a tie; worked out on paper."""
    labels = requests.label_sequence(len(expected), np.array(shares))
    assert labels.tolist() == expected
    assert labels.dtype == np.int64


@pytest.mark.parametrize("parts", [(1, 1, 1), (1,) * 7, (1, 3, 6), (1, 9), (2, 3, 5), (113_000, 150_000)])
def test_ties_are_ties_for_ever(parts):
    """Against fractions: in binary a tenth is none, and without rounding the last bit would decide who comes next."""
    shares = [Fraction(part, sum(parts)) for part in parts]
    given, expected = [0] * len(parts), []
    for place in range(200):
        lacks = [share * (place + 1) - had for share, had in zip(shares, given, strict=True)]
        expected.append(lacks.index(max(lacks)))
        given[expected[-1]] += 1
    assert requests.label_sequence(200, np.array(parts) / sum(parts)).tolist() == expected


def test_every_beginning_follows_the_shares():
    """However it is cut, no class is an image or more above or below its share."""
    rng = np.random.default_rng(3)
    for classes in (2, 2, 2, 3, 5):
        shares = rng.dirichlet(np.ones(classes))
        labels = requests.label_sequence(200, shares)
        given = np.cumsum(labels[:, None] == np.arange(classes), axis=0)
        wanted = shares * np.arange(1, 201)[:, None]
        assert np.abs(given - wanted).max() < (1 if classes == 2 else 2)


def test_no_labels_of_nothing():
    """None asked for, none given."""
    assert requests.label_sequence(0, np.array([1.0])).tolist() == []


def test_seeds_are_hashes_of_the_users_seed_and_the_position():
    """Computed here with hashlib: 63 bits of SHA-256 of ``SEED/sample/INDEX``."""
    expected = [
        int.from_bytes(hashlib.sha256(f"7/sample/{index}".encode()).digest()[:8], "big") // 2 for index in (3, 4, 5)
    ]
    made = make(3, 6, seed=7)
    assert made.seeds.tolist() == expected
    assert made.seeds.dtype == np.int64
    assert made.index.tolist() == [3, 4, 5]
    assert len(set(make(0, 500).seeds) | set(make(0, 500, seed=1).seeds)) == 1000


def test_a_shard_is_a_part_of_the_whole():
    """Wherever a set is cut and however long it is, request 30 is request 30."""
    whole, part = make(0, 60), make(17, 40)
    for field in ("index", "labels", "seeds", "ranks"):
        assert getattr(part, field).tolist() == getattr(whole, field)[17:40].tolist()
    assert part.classes == ("a", "b")
    assert len(part) == 23


def test_ranks_count_earlier_requests_of_the_label():
    """Counted one by one, over the whole set and not over the shard."""
    whole = make(0, 50, shares=(0.7, 0.3))
    for place in range(50):
        assert whole.ranks[place] == sum(whole.labels[:place] == whole.labels[place])
    assert make(40, 50, shares=(0.7, 0.3)).ranks.tolist() == whole.ranks[40:].tolist()
