"""Optimizers and courses of the learning rate by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from diffusers.optimization import get_scheduler

from generators.stable_diffusion.recipe import Recipe


def make(parameters: Iterable[torch.nn.Parameter], recipe: Recipe) -> torch.optim.Optimizer:
    """Return the optimizer of a recipe."""
    settings: dict[str, Any] = {
        "lr": recipe.learning_rate, "betas": (recipe.beta1, recipe.beta2), "eps": recipe.epsilon,
        "weight_decay": recipe.weight_decay,
    }  # fmt: skip
    if recipe.optimizer == "adamw8bit":
        from bitsandbytes.optim import AdamW8bit

        eight: torch.optim.Optimizer = AdamW8bit(parameters, **settings)
        return eight
    return torch.optim.AdamW(parameters, fused=True, **settings)


def rate_of(optimizer: torch.optim.Optimizer, recipe: Recipe) -> Callable[[int], float]:
    """Return the learning rate of each step, as diffusers' schedules have it: a function of the step alone."""
    # diffusers' plain "constant" knows no warm-up.
    name = "constant_with_warmup" if recipe.schedule == "constant" else recipe.schedule
    schedule = get_scheduler(
        name, optimizer, num_warmup_steps=recipe.warmup_steps, num_training_steps=recipe.steps
    )  # fmt: skip
    factor = schedule.lr_lambdas[0]
    return lambda step: recipe.learning_rate * float(factor(step))
