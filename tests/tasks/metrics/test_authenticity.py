"""AuthPct: by definition, and on copies, learners and strangers."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.metrics.authenticity import authenticity


def test_equal_to_the_definition():
    """Row by row."""
    rng = np.random.default_rng(0)
    train, synthetic = rng.normal(size=(60, 3)), rng.normal(size=(40, 3))
    expected = []
    for row in synthetic:
        gaps = np.linalg.norm(train - row, axis=1)
        nearest = gaps.argmin()
        own = np.linalg.norm(train - train[nearest], axis=1)
        expected.append(gaps[nearest] > np.sort(own)[1])
    found = authenticity(train=train, synthetic=synthetic)
    assert found.authentic.tolist() == expected
    assert found.share == pytest.approx(np.mean(expected))


def test_by_hand():
    """Training images 0, 1, 10. 0.9 is nearer to 1 than 1 to 0, 12 nearer to 10 than 10 to 1; 2 is as far from 1 as 0."""
    found = authenticity(train=np.array([[0.0], [1], [10]]), synthetic=np.array([[0.9], [12], [30], [1], [2]]))
    assert found.authentic.tolist() == [False, False, True, False, False]
    assert found.nearest_train.tolist() == [1, 2, 2, 1, 1]
    assert found.distances.tolist() == pytest.approx([0.1, 2.0, 20.0, 0.0, 1.0])


def test_copies_learners_and_strangers_are_told_apart():
    """0, about one half, and 1."""
    rng = np.random.default_rng(1)
    train = rng.normal(size=(400, 5))
    for synthetic, low, high in ((train, 0, 0), (rng.normal(size=(400, 5)), 0.35, 0.65), (train + 50, 1, 1)):
        assert low <= authenticity(train=train, synthetic=synthetic).share <= high
