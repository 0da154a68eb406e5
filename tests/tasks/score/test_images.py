"""Values of every synthetic image, and their medians."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.statistics.medians import median_interval
from tasks.metrics.nearest import nearest_others, nearest_rows
from tasks.metrics.realism import realism


@pytest.fixture
def both(rows):
    return {"real": rows[0][:90], "synthetic": rows[1][:80]}


def test_realism_has_its_median_and_every_score(both, scored):
    """With the interval of a median, for these real rows."""
    found, values = scored("realism", **both)["realism-k3-median"], realism(**both)
    np.testing.assert_array_equal(found.images["realism"], values)
    assert (found.value, found.interval) == (np.median(values), median_interval(values))
    assert found.n == {"real": 90, "synthetic": 80}


def test_copies_have_no_finite_realism(both, scored):
    """Where half of the rows are, of a real one that is not alone, the median is none, and says why."""
    dense = nearest_others(features=both["real"], k=3).distances[:, -1].argmin()
    both["synthetic"] = np.repeat(both["real"][[dense]], 8, axis=0)
    found = scored("realism", **both)["realism-k3-median"]
    assert (found.value, found.interval) == (None, None)
    assert "copies of real rows" in found.note


def test_the_nearest_training_row_is_named(both, scored):
    """With its distance; the median of those is the number."""
    train = np.random.default_rng(1).normal(size=(70, 4))
    found = scored("nearest", train=train, **both)["nearest-train-median"]
    expected = nearest_rows(of=both["synthetic"], among=train)
    np.testing.assert_array_equal(found.images["nearest_train_row"], expected.rows[:, 0])
    np.testing.assert_array_equal(found.images["distance_to_train"], expected.distances[:, 0])
    assert found.value == np.median(expected.distances)
    assert found.n == {"train": 70, "synthetic": 80}
    few = scored("nearest", train=train, real=both["real"], synthetic=both["synthetic"][:5])["nearest-train-median"]
    assert (few.interval, few.note) == (None, "no interval: fewer than 6 synthetic rows")
