"""Intervals: what is none is refused, and cutting keeps the ends in order."""

from __future__ import annotations

import dataclasses
import math

import pytest

from benchmark.statistics.interval import Interval, around, check_level


@pytest.mark.parametrize(("low", "high"), [(math.nan, 1.0), (0.0, math.nan), (math.nan, math.nan), (1.0, 0.5)])
def test_ends_that_make_no_interval_are_refused(low, high):
    """NaN on either side, or the wrong order."""
    with pytest.raises(ValueError, match=r"needs low <= high and no NaN, got \["):
        Interval(low, high, 0.95, "made up", None)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, 95.0, math.nan])
def test_a_level_is_strictly_between_zero_and_one(level):
    """Percent are the likely mistake, so the message gives the spelling."""
    for attempt in (lambda: check_level(level), lambda: Interval(0.0, 1.0, level, "made up", None)):
        with pytest.raises(ValueError, match=r"lies between 0 and 1 \(0\.95 for 95 %\), got"):
            attempt()


def test_a_level_within_is_let_through():
    """Narrow and wide ones alike."""
    assert [check_level(level) for level in (1e-9, 0.5, 1 - 1e-9)] == [None, None, None]


def test_a_point_and_a_half_line_are_intervals():
    """Ends may meet, and an end may be infinite."""
    assert Interval(0.5, 0.5, 0.95, "point", None).low == 0.5
    assert Interval(-math.inf, math.inf, 0.95, "all", None).high == math.inf


def test_an_interval_does_not_change():
    """It is shared by records."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Interval(0.0, 1.0, 0.95, "made up", None).low = 0.5


def test_around_keeps_what_it_is_told():
    """Value less and plus the half width; level, method and degrees of freedom are passed on."""
    assert around(3.0, 0.5, level=0.9, method="by hand", df=7.5) == Interval(2.5, 3.5, 0.9, "by hand", 7.5)


@pytest.mark.parametrize(
    ("value", "half", "ends"),
    [
        (0.1, 0.3, (0.0, 0.4)),
        (0.9, 0.3, (0.6, 1.0)),
        (0.5, 9.0, (0.0, 1.0)),
        (0.5, 0.0, (0.5, 0.5)),
        (1.4, 0.1, (1.0, 1.0)),
        (-0.4, 0.1, (0.0, 0.0)),
        (0.5, math.inf, (0.0, 1.0)),
    ],
)
def test_around_is_cut_to_what_the_estimand_can_be(value, half, ends):
    """Each end on its own; an interval wholly outside shrinks to the bound."""
    found = around(value, half, level=0.95, method="m", df=None, bounds=(0.0, 1.0))
    assert (found.low, found.high) == pytest.approx(ends, abs=1e-15)


def test_one_bound_leaves_the_other_end_free():
    """A distance is not below zero and may be anything above."""
    found = around(1.0, 5.0, level=0.95, method="m", df=None, bounds=(0.0, math.inf))
    assert (found.low, found.high) == (0.0, 6.0)


@pytest.mark.parametrize(("value", "half"), [(math.nan, 1.0), (0.5, math.nan), (0.5, -0.1)])
def test_around_nothing_is_refused_within_bounds_too(value, half):
    """NaN is not cut into an innocent bound, and a width is not negative."""
    with pytest.raises(ValueError, match="no NaN"):
        around(value, half, level=0.95, method="m", df=None, bounds=(0.0, 1.0))
