"""Fine-tuning a UNet on latents and prompt embeddings that were computed once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from benchmark import seeds
from benchmark.contracts.context import Context
from benchmark.errors import Diverged, UserError
from generators.stable_diffusion import checkpoints
from generators.stable_diffusion.latents import Moments


@dataclass(frozen=True)
class Recipe:
    """How a UNet is fine-tuned."""

    steps: int
    """Optimizer steps."""
    batch: int
    """Images a step."""
    learning_rate: float
    """Constant, of AdamW (betas 0.9, 0.999; weight decay 0.01)."""
    caption_dropout: float
    """Share of images whose prompt is emptied, which trains the null prompt that guidance stands on."""
    flip: bool
    """Whether half of the images are mirrored."""
    ema: float
    """Decay of the running mean of the weights that is kept; 0 keeps the last weights."""


class Examples(NamedTuple):
    """Everything a training reads; the loop touches neither VAE nor text encoder."""

    moments: Moments
    """Latents of the N training images."""
    prompts: Tensor
    """Prompt of each image as a row of `embeddings`, shape (N,)."""
    embeddings: Tensor
    """Embeddings of the distinct prompts, the empty one first, shape (P, tokens, width)."""


CHECKPOINT_S = 20.0
"""Seconds between checkpoints: what a kill costs at most."""


def train(unet: Any, scheduler: Any, examples: Examples, recipe: Recipe, context: Context) -> dict[str, Tensor]:
    """Fine-tune a UNet; resume from the checkpoint in ``context.scratch`` where there is one.

    What happens at step s is drawn from the seed and s alone, so that a resumed training takes the very steps an
    uninterrupted one takes.

    Args:
        unet: A `UNet2DConditionModel` in float32; changed in place.
        scheduler: The noise scheduler that the UNet was trained with.
        examples: What it learns from.
        recipe: How.
        context: Seed, scratch folder, progress and log.

    Returns:
        The weights to keep, by name.

    Raises:
        Diverged: If the loss is no longer finite.
        UserError: If the UNet predicts neither noise nor velocity.
    """
    unet.train().requires_grad_(True)
    optimizer = torch.optim.AdamW(unet.parameters(), lr=recipe.learning_rate, weight_decay=0.01, fused=True)
    average = {name: tensor.detach().clone() for name, tensor in unet.state_dict().items()}
    done = checkpoints.restore(context.scratch, unet, optimizer, average)
    saved = time.monotonic()
    loss_of = _loss(unet, scheduler, examples, recipe)
    for step in range(done, recipe.steps):
        loss = loss_of(torch.Generator().manual_seed(seeds.derive(context.seed, "train", step)))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(unet.parameters(), 1.0)
        optimizer.step()
        _follow(average, unet, recipe.ema, step)
        _report(context, float(loss.detach()), step, recipe.steps)
        if time.monotonic() - saved > CHECKPOINT_S and step + 1 < recipe.steps:
            checkpoints.save(context.scratch, unet, optimizer, average, step + 1)
            saved = time.monotonic()
    unet.eval().requires_grad_(False)
    return average


def _loss(unet: Any, scheduler: Any, examples: Examples, recipe: Recipe) -> Callable[[torch.Generator], Tensor]:
    """Return a function that gives one step's loss (Ho et al. 2020, eq. 14; Salimans and Ho 2022 for velocity)."""
    moments, device = examples.moments, unet.device
    count, horizon = moments.mean.shape[1], int(scheduler.config.num_train_timesteps)

    def loss(generator: torch.Generator) -> Tensor:
        rows = torch.randint(count, (recipe.batch,), generator=generator)
        flips = torch.randint(2, (recipe.batch,), generator=generator) * int(recipe.flip)
        empty = torch.rand(recipe.batch, generator=generator) < recipe.caption_dropout
        times = torch.randint(horizon, (recipe.batch,), generator=generator)
        shape = (2, recipe.batch, *moments.mean.shape[2:])
        posterior, noise = torch.randn(shape, generator=generator).to(device)
        clean = moments.sample(flips, rows, posterior)
        prompts = torch.where(empty, torch.zeros_like(rows), examples.prompts[rows])
        noisy = scheduler.add_noise(clean, noise, times.to(device))
        predicted = unet(noisy, times.to(device), examples.embeddings[prompts]).sample
        target = _target(scheduler, clean, noise, times.to(device))
        return torch.nn.functional.mse_loss(predicted.float(), target.float())

    return loss


def _target(scheduler: Any, clean: Tensor, noise: Tensor, times: Tensor) -> Tensor:
    """Return what the UNet is to predict."""
    kind = scheduler.config.prediction_type
    if kind == "epsilon":
        return noise
    if kind == "v_prediction":
        velocity: Tensor = scheduler.get_velocity(clean, noise, times)
        return velocity
    raise UserError(f"The pipeline's UNet predicts '{kind}'; only 'epsilon' and 'v_prediction' can be fine-tuned.")


@torch.no_grad()
def _follow(average: dict[str, Tensor], unet: Any, decay: float, step: int) -> None:
    """Move the running mean towards the weights; early on it follows closely."""
    weight = 1 - min(decay, (1 + step) / (10 + step))
    for name, tensor in unet.state_dict().items():
        average[name].lerp_(tensor, weight)


def _report(context: Context, loss: float, step: int, steps: int) -> None:
    if not loss < float("inf"):
        raise Diverged(f"the training loss is {loss} at step {step + 1} of {steps}")
    context.progress(step + 1, steps, "training steps")
    if step % 10 == 0 or step + 1 == steps:
        context.log("loss", loss, step)
