"""Numbers that something speaks against: marked or refused."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.contracts.task import Value
from benchmark.statistics.interval import Interval
from tasks import too_few


def number(metric, note=None):
    """A value with an interval, and slides behind it."""
    interval = Interval(0.5, 1.5, 0.95, "some", 19.0)
    return Value(metric, 1.0, {"synthetic": 9}, interval, "net", slides={"reference": 3}, note=note)


@pytest.mark.parametrize(
    ("metric", "policy", "refused"),
    [
        ("kd", "usual", False), ("kd", "mark", False), ("kd", "refuse", True),
        ("fd-infinity", "usual", True), ("fd-infinity", "mark", False), ("fd-infinity", "refuse", True),
    ],
)  # fmt: skip
def test_the_suite_decides_and_each_metric_where_it_does_not(metric, policy, refused):
    """The number is kept with the reason before its other notes, or the reason takes its place; N stays."""
    found = too_few.judged(number(metric, "slides unknown"), "too few", policy)
    assert (found.value, found.refused) == ((None, "too few") if refused else (1.0, None))
    assert found.note == (None if refused else "too few; slides unknown")
    assert (found.interval is None) is refused
    assert (found.key, found.n) == (f"{metric}.net", {"synthetic": 9})
    assert too_few.judged(number(metric), "too few", "mark").note == "too few"


@pytest.mark.parametrize("policy", ["usual", "mark", "refuse"])
def test_what_nothing_speaks_against_is_left_alone(policy):
    """Note and all."""
    assert too_few.judged(number("fd-infinity", "n"), None, policy) == number("fd-infinity", "n")


def test_either_side_may_be_too_small(features):
    """The width counts where the rule asks for it."""
    few, many = features(np.zeros((12, 4))), features(np.zeros((16, 4)))
    assert too_few.shortfall("fd-infinity", real=many, synthetic=many) is None
    for sides in ({"real": few, "synthetic": many}, {"real": many, "synthetic": few}):
        assert too_few.shortfall("fd-infinity", **sides).startswith("N = 12 is below N_min = 16 (4 D)")
