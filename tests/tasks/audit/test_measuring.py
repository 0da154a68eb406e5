"""The metrics of the audit are those of the boards, and their differences are paired."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.audit import measuring
from tasks.audit.embedding import Unsuited
from tasks.coverage import Coverage
from tasks.fidelity import Fidelity
from tasks.released_fidelity import ReleasedFidelity


@pytest.fixture
def sets(features):
    """A reference of twelve slides, and a set a little off."""
    rng = np.random.default_rng(0)
    return features(rng.normal(size=(80, 4)), slides=12), features(rng.normal(0.4, 1, size=(60, 4)))


@pytest.mark.parametrize("known", [True, False])
def test_values_and_intervals_are_those_of_the_tasks(sets, features, context, measured, known):
    """One number a metric, in order, slides known or not; with the released root, that of the released code."""
    real, synthetic = sets if known else (features(sets[0].values), sets[1])
    expected = {**measured(Fidelity(9), real, synthetic, context), **measured(Coverage(), real, synthetic, context)}
    found = measuring.measure(real=real, synthetic=synthetic, root="exact")
    assert [one.metric for one in found] == list(measuring.METRICS)
    for one in found:
        assert (one.value, one.interval) == (expected[one.metric.name].value, expected[one.metric.name].interval)
    stopped = measuring.measure(real=real, synthetic=synthetic, root="newton-schulz")
    (released,) = measured(ReleasedFidelity(), real, synthetic, context).values()
    assert (stopped[0].metric.name, stopped[0].value) == ("fd-newton-schulz", released.value)
    assert stopped[0].interval == released.interval
    assert [one.value for one in stopped[1:]] == [one.value for one in found[1:]]


def test_differences_are_paired(sets, features):
    """A small shift of every row shows, where the intervals of the two values overlap by far."""
    real, synthetic = sets
    moved = features(synthetic.values + np.float32(0.05))
    before = measuring.measure(real=real, synthetic=synthetic, root="exact")
    after = measuring.measure(real=real, synthetic=moved, root="exact")
    change = after[0].against(before[0])
    assert change.change == after[0].value - before[0].value > 0
    assert change.change_interval.low <= change.change <= change.change_interval.high
    assert change.changed
    assert after[0].interval.low < before[0].interval.high
    same = before[0].against(before[0])
    assert (same.change, same.changed) == (0.0, False)
    assert not before[0].changed


def test_unlike_rows_have_a_difference_without_an_interval(sets, features):
    """There is nothing to pair: half of a side, or the wide root without replicates."""
    real, synthetic = sets
    fewer = features(real.values[:40], slides=6)
    whole = measuring.measure(real=real, synthetic=synthetic, root="exact")
    half = measuring.measure(real=fewer, synthetic=synthetic, root="exact")
    for one, other in zip(half, whole, strict=True):
        found = one.against(other)
        assert found.change == one.value - other.value
        assert (found.change_interval, found.changed) == (None, False)


def test_the_stopped_root_of_wide_features_has_no_interval(features):
    """It would take hours."""
    rng = np.random.default_rng(0)
    wide = [features(rng.normal(size=(30, 257))) for _ in range(2)]
    found = measuring.measure(real=wide[0], synthetic=wide[1], root="newton-schulz")[0]
    assert found.value > 0
    assert (found.interval, found.parts) == (None, None)


def test_too_few_images_are_told(features):
    """As a line that was not measured."""
    few = features(np.random.default_rng(0).normal(size=(9, 4)))
    with pytest.raises(Unsuited, match="expected more than k = 5"):
        measuring.measure(real=few, synthetic=few, root="exact")
