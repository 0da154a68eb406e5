"""The realism score by its definition."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.errors import UserError
from tasks.metrics.precision_recall import improved_precision_recall
from tasks.metrics.realism import realism


def by_definition(real, synthetic, k):
    """Equation 3, ball by ball, of the smaller half."""
    gaps = np.linalg.norm(real[:, None] - real[None], axis=2)
    radii = np.sort(gaps, axis=1)[:, k]
    kept = radii <= np.median(radii)
    return (radii[kept][:, None] / np.linalg.norm(real[kept][:, None] - synthetic[None], axis=2)).max(axis=0)


@pytest.mark.parametrize("memory", [1, 2**27])
@pytest.mark.parametrize("k", [1, 3])
def test_equal_to_the_definition(k, memory):
    """Within what float32 may mistake of which ball is best."""
    rng = np.random.default_rng(0)
    real, synthetic = rng.normal(size=(80, 4)), rng.normal(0.5, 1.5, size=(30, 4))
    np.testing.assert_allclose(
        realism(real=real, synthetic=synthetic, k=k, memory=memory), by_definition(real, synthetic, k), rtol=1e-3
    )


def test_by_hand():
    """Real 0, 1, 2, 50 with radii 1, 1, 1, 48: the last is above the median. 1.5 is 0.5 from 1 or 2; 46 is 44 from 2."""
    found = realism(real=np.array([[0.0], [1], [2], [50]]), synthetic=np.array([[1.5], [46], [2]]), k=1)
    assert found[:2] == pytest.approx([2.0, 1 / 44])
    assert np.isinf(found[2])


def test_ones_and_above_are_precise():
    """Where no ball is left out, score 1 is the edge of improved precision; leaving the wide half out only lowers it."""
    rng = np.random.default_rng(1)
    real, synthetic = rng.normal(size=(100, 3)), rng.normal(size=(100, 3))
    share = (realism(real=real, synthetic=synthetic) >= 1).mean()
    assert 0.2 < share <= improved_precision_recall(real=real, synthetic=synthetic).improved_precision


def test_what_has_no_score_is_refused():
    """A k below 1, and balls without size."""
    with pytest.raises(UserError, match="k = 0"):
        realism(real=np.eye(5), synthetic=np.eye(5), k=0)
    with pytest.raises(UserError, match="Half of the real rows have 1 copies or more"):
        realism(real=np.array([[1.0], [1], [1], [1], [9]]), synthetic=np.array([[1.0]]), k=1)
