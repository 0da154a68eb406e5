"""The released code's distance, beside the exact one."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.fidelity import Fidelity
from tasks.metrics import stopped_root
from tasks.released_fidelity import ReleasedFidelity


@pytest.fixture
def sets(features):
    """A reference of twelve slides and a set a little off, of a falling spectrum."""
    rng = np.random.default_rng(0)
    scale = np.arange(1, 17) ** -0.75
    return {
        "reference": features(rng.normal(size=(200, 16)) * scale, slides=12),
        "synthetic": features(rng.normal(0.2, 1.0, size=(150, 16)) * scale),
    }


def test_it_exceeds_the_exact_distance_and_is_named_apart(sets, context, measured):
    """One value, on the same rows, with N by role, an interval, and where the iteration stood."""
    exact = measured(Fidelity(permutations=9), sets["reference"], sets["synthetic"], context)["fd"]
    (found,) = measured(ReleasedFidelity(), sets["reference"], sets["synthetic"], context).values()
    assert found.metric == "fd-newton-schulz"
    assert found.value > exact.value
    assert found.interval.low < found.value < found.interval.high
    assert [len(side.values) for side in found.replicates.sides] == [12, 20]
    assert (found.n, found.slides) == (exact.n, exact.slides)
    assert found.samples["relative error at the stop"] <= 1e-5
    assert 1 < found.samples["steps"] < 100
    assert found.note == "what it has above fd is bias"


def test_roles_are_not_swapped(sets, context, measured):
    """Sides of unlike N tell."""
    (found,) = measured(ReleasedFidelity(), sets["reference"], sets["synthetic"], context).values()
    assert found.n == {"reference": 200, "synthetic": 150}
    assert [sum(side.sizes) for side in found.replicates.sides] == [200, 150]


def test_wide_features_have_no_interval_and_say_why(sets, context, measured, monkeypatch):
    """A root for each group would take hours."""
    monkeypatch.setattr(stopped_root, "WIDEST", 15)
    (found,) = measured(ReleasedFidelity(), sets["reference"], sets["synthetic"], context).values()
    assert (found.interval, found.replicates) == (None, None)
    assert found.note == "no interval: it would take a root of 16 columns for each group; what it has above fd is bias"


def test_few_images_are_marked(features, context, measured):
    """As for the exact distance: with N not above the columns, and with unknown slides."""
    few = features(np.random.default_rng(0).normal(size=(12, 16)))
    (found,) = measured(ReleasedFidelity(), few, few, context).values()
    assert "N = 12 is below N_min = 17" in found.note
    assert "slides unknown" in found.note


def test_it_takes_the_root_that_the_paper_protocol_asks_for():
    """And fidelity the one that clean does."""
    assert (ReleasedFidelity.needs.root, Fidelity.needs.root) == ("newton-schulz", "exact")
