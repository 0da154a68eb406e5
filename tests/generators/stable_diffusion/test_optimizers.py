"""Optimizers and courses of the learning rate."""

from __future__ import annotations

import math

import pytest
import torch

from generators.stable_diffusion import optimizers
from generators.stable_diffusion.recipe import Recipe


def weights():
    """One weight."""
    return [torch.nn.Parameter(torch.ones(2))]


def test_adamw_has_the_recipes_settings():
    """Each in its place."""
    made = optimizers.make(weights(), Recipe(learning_rate=0.5, beta1=0.7, beta2=0.8, epsilon=0.1, weight_decay=0.3))
    group = made.param_groups[0]
    assert isinstance(made, torch.optim.AdamW)
    assert (group["lr"], group["betas"], group["eps"], group["weight_decay"]) == (0.5, (0.7, 0.8), 0.1, 0.3)


@pytest.mark.parametrize(
    ("schedule", "warmup", "expected"),
    [
        ("constant", 0, [2.0, 2.0, 2.0, 2.0]),
        ("constant", 2, [0.0, 1.0, 2.0, 2.0]),
        ("linear", 2, [0.0, 1.0, 2.0, 1.0]),
        ("linear", 0, [2.0, 1.5, 1.0, 0.5]),
        ("cosine", 0, [2.0, 1 + math.sqrt(0.5), 1.0, 1 - math.sqrt(0.5)]),
    ],
)
def test_the_learning_rate_is_a_function_of_the_step(schedule, warmup, expected):
    """By hand, of four steps, in any order."""
    recipe = Recipe(steps=4, learning_rate=2.0, schedule=schedule, warmup_steps=warmup)
    rate = optimizers.rate_of(optimizers.make(weights(), recipe), recipe)
    assert [rate(step) for step in (3, 2, 1, 0)] == pytest.approx(expected[::-1])
