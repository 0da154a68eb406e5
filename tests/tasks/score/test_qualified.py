"""A number with its interval, N and notes."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.statistics.jackknife import Replicates, Side
from tasks.score.definitions import metrics_of
from tasks.score.inputs import Inputs
from tasks.score.qualified import NOT_ASKED, SLIDES_UNKNOWN, joined, qualified


@pytest.fixture
def inputs():
    return Inputs({"real": np.zeros((4, 2)), "synthetic": np.zeros((3, 2))}, {"real": np.array(["a", "a", "b", "c"])})


def replicates(*values):
    groups = np.arange(len(values))
    return Replicates(0.1, (Side.of("real", groups=groups, values=values),))


def test_an_interval_keeps_to_what_the_metric_can_be(inputs):
    """A squared distance is not below 0; slides are counted, and the note on them is gone."""
    found = qualified(metrics_of("fd")[0], replicates(0.0, 0.1, 0.3), inputs, "real", "synthetic", note="so far")
    assert (found.interval.low, found.value, found.n) == (0.0, 0.1, {"real": 4, "synthetic": 3})
    assert (found.slides, found.note) == ({"real": 3}, "so far")
    unknown = qualified(metrics_of("kd")[0], replicates(0.0, 0.1, 0.3), Inputs(inputs.tables), "real", "synthetic")
    assert unknown.interval.low < 0.0
    assert unknown.note == SLIDES_UNKNOWN


def test_no_interval_has_its_reason(inputs):
    """None asked for, or nothing that varies."""
    assert qualified(metrics_of("fd")[0], 0.5, inputs, "real").note == NOT_ASKED
    same = qualified(metrics_of("fd")[0], replicates(0.1, 0.1), inputs, "real")
    assert (same.interval, same.note) == (None, "no interval: nothing varies")
    assert joined(None, "") is None
