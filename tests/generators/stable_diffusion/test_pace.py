"""When to do again what takes time."""

from __future__ import annotations

import pytest

from generators.stable_diffusion import pace
from generators.stable_diffusion.pace import Pace


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand."""
    now = [0.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(("cost", "wait"), [(0.1, 20), (3, 60), (1000, 600)])
def test_what_takes_long_is_done_seldom(clock, cost, wait):
    """Twenty seconds between at least, a twentieth of the time, ten minutes at most."""
    one = Pace(20, 0.05)
    clock[0] = 20
    assert not one.is_due
    clock[0] = 20.5
    assert one.is_due
    with one.taken():
        clock[0] += cost
    clock[0] += wait
    assert not one.is_due
    clock[0] += 0.5
    assert one.is_due


@pytest.mark.parametrize("least", [-1.0, 0.0])
def test_without_a_pause_it_is_always_due(clock, least):
    """Whatever it took."""
    one = Pace(least, 0.05)
    with one.taken():
        clock[0] += 100
    clock[0] += 0.001
    assert one.is_due
