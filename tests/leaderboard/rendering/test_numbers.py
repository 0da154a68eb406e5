"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest

from leaderboard.rendering import numbers


@pytest.mark.parametrize(
    ("value", "low", "high", "shown"),
    [
        (1079.321, 1065.2, 1093.1, ("1079", "[1065, 1093]")),
        (0.83124, 0.8123, 0.8490, ("0.831", "[0.812, 0.849]")),
        (0.000312, 0.0001, 0.0005, ("0.00031", "[0.00010, 0.00050]")),
        (0.5, 0.5, 0.5, ("0.5", "[0.5, 0.5]")),
        (-0.00001, -0.2, 0.2, ("0.00", "[-0.20, 0.20]")),
        (2.0, -math.inf, math.inf, ("2", "[-inf, inf]")),
        (1e-9, 1e-9, 2e-9, ("1e-09", "[1e-09, 2e-09]")),
    ],
)
def test_digits_follow_the_width_of_the_interval(made, value, low, high, shown) -> None:
    """Two digits of the width, and no negative zero."""
    assert numbers.shown(value, made.interval(low, high)) == shown


def test_without_an_interval_that_is_said() -> None:
    """Never a bare number."""
    assert numbers.shown(5.22677, None) == ("5.227", "no interval")


def test_a_difference_keeps_the_side_of_zero(made) -> None:
    """An end just above zero is not rounded onto it."""
    assert numbers.shown(0.358, made.interval(0.0041, 0.7128), signs=True) == ("0.358", "[0.004, 0.713]")
    assert numbers.shown(0.358, made.interval(0.0041, 0.7128)).interval == "[0.00, 0.71]"


@pytest.mark.parametrize(
    ("p", "text"), [(0.0002, "< 0.001"), (0.0123, "0.012"), (0.0496, "0.0496"), (0.0503, "0.0503"), (1.0, "1.000")]
)
def test_p_values_show_on_which_side_of_five_percent_they_are(p, text) -> None:
    """0.0496 is not printed as 0.050."""
    assert numbers.p_value(p) == text


@pytest.mark.parametrize(("duration", "text"), [(0.42, "0.4 s"), (75.2, "75 s"), (750, "12.5 min"), (11520, "3.2 h")])
def test_durations(duration, text) -> None:
    """Each in a unit that fits."""
    assert numbers.seconds(duration) == text
