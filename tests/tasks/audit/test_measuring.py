"""The metrics of the audit are those of the boards, and their differences are paired."""

from __future__ import annotations

import numpy as np
import pytest

from tasks import coverage
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


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("count", [16, 40, 60, 300])
def test_notes_are_those_of_the_tasks(features, context, measured, known, count):
    """Too few images for FD (20 columns), for KD and most shares (50), for coverage (300), for none; slides known or not."""
    rng = np.random.default_rng(3)
    real = features(rng.normal(size=(300, 20)), **({"slides": 12} if known else {}))
    synthetic = features(rng.normal(0.4, 1, size=(count, 20)))
    expected = {**measured(Fidelity(9), real, synthetic, context), **measured(Coverage(), real, synthetic, context)}
    found = measuring.measure(real=real, synthetic=synthetic, root="exact")
    for one in found:
        assert set((one.note or "").split("; ")) == set((expected[one.metric.name].note or "").split("; "))
    assert [one.few is not None for one in found] == [
        count < 21, count < 50, count < 50, count < 50, count < 50, count < 300,
    ]  # fmt: skip
    assert (coverage.CAUTION in found[2].notes, coverage.CAUTION in found[0].notes) == (True, False)
    stopped = measuring.measure(real=real, synthetic=synthetic, root="newton-schulz")[0]
    (released,) = measured(ReleasedFidelity(), real, synthetic, context).values()
    assert set(stopped.note.split("; ")) == set(released.note.split("; "))


def test_too_few_images_earn_no_star(features):
    """The same shift of the same rows, of which the interval leaves zero out, as one of enough."""
    rng = np.random.default_rng(0)
    for count, starred in ((49, False), (50, True)):
        real, synthetic = features(rng.normal(size=(80, 4))), features(rng.normal(0.4, 1, size=(count, 4)))
        moved = features(synthetic.values + np.float32(0.5))
        before, after = (measuring.measure(real=real, synthetic=one, root="exact")[1] for one in (synthetic, moved))
        change = after.against(before)
        assert change.change_interval.low > 0.0
        assert change.changed is starred


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
    assert "no interval: it would take a root of 257 columns for each group" in found.note
    assert found.few.startswith("N = 30 is below N_min = 258")


def test_an_interval_of_nothing_says_why_it_is_missing(features):
    """The two sides lie far apart: every half of them has a density of 0."""
    rng = np.random.default_rng(0)
    real, far = features(rng.normal(size=(60, 4))), features(rng.normal(99.0, 0.1, size=(60, 4)))
    found = measuring.measure(real=real, synthetic=far, root="exact")
    density = found[4]
    assert (density.metric.name, density.value, density.interval) == ("density-k5", 0.0, None)
    assert density.missing == "no interval: no half of the rows differs from the other"
    assert coverage.CAUTION not in density.notes
    assert found[0].missing is None


def test_too_few_images_are_told(features):
    """As a line that was not measured."""
    few = features(np.random.default_rng(0).normal(size=(9, 4)))
    with pytest.raises(Unsuited, match="expected more than k = 5"):
        measuring.measure(real=few, synthetic=few, root="exact")
