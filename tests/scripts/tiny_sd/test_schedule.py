"""The learning rate over a run."""

from __future__ import annotations

import math

import pytest
import torch

from scripts.tiny_sd import schedule


def rates(steps, highest=0.5):
    """The learning rate at each step."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=highest)
    rate = schedule.warm_up_then_cosine(optimizer, steps)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        rate.step()
    return found, optimizer.param_groups[0]["lr"]


def test_it_rises_then_falls():
    """Three percent of the steps up, the others down, step by step."""
    found, last = rates(1000)
    top = found.index(max(found))
    assert 29 <= top <= 31
    assert found[: top + 1] == sorted(found[: top + 1])
    assert found[top:] == sorted(found[top:], reverse=True)
    assert max(found) == pytest.approx(0.5, rel=0.01)
    assert found[0] == pytest.approx(0.5 / 31, rel=1e-3)
    assert last == pytest.approx(0.5 * 0.02)


def test_the_fall_is_a_cosine_to_two_percent():
    """By hand at a quarter, half and three quarters."""
    found, _ = rates(400, highest=1.0)
    for step in (100, 200, 300):
        assert found[step] == pytest.approx(0.02 + 0.98 * (1 + math.cos(math.pi * step / 400)) / 2)


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_short_runs_have_a_rate_too(steps):
    """Above zero at every step; steps beyond the last stay at the lowest."""
    found, last = rates(steps)
    assert all(0 < rate <= 0.5 for rate in found)
    assert last == pytest.approx(0.01)
