"""Fine-tuning a UNet on latents and prompt embeddings that were computed once."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from benchmark.contracts.context import Context
from benchmark.errors import Diverged
from generators.stable_diffusion import checkpoints, examples, losses, optimizers, part_size, precision, processes
from generators.stable_diffusion.checkpoints import State
from generators.stable_diffusion.examples import Batch, Examples
from generators.stable_diffusion.pace import Pace
from generators.stable_diffusion.processes import Team
from generators.stable_diffusion.recipe import Recipe

CHECKPOINT_S = 20.0
"""Seconds between checkpoints at least, so that a kill costs little; more where one takes long."""
SKIPPED = 30
"""Steps that may overflow one after another in fp16; the scale has then fallen by 2**30, and it is no scale's fault."""

_CHECKPOINT_SHARE = 0.05
_REPORT = 10

Show = Callable[[int, State], None]
"""Is called after each step with its number and the state; draws pictures now and then."""


def train(
    unet: Any, scheduler: Any, given: Examples, recipe: Recipe, context: Context, *,
    team: Team | None = None, show: Show | None = None,
) -> dict[str, Tensor]:  # fmt: skip
    """Fine-tune a UNet; resume from the checkpoint in ``context.scratch`` where there is one.

    What happens at step s is drawn from the seed and s alone, so that a resumed training takes the very steps an
    uninterrupted one takes.

    Args:
        unet: A `UNet2DConditionModel` in float32, with a low-rank change where one is to be learnt; changed in place.
        scheduler: The noise scheduler that the UNet was trained with.
        given: What it learns from.
        recipe: How.
        context: Seed, scratch folder, progress and log.
        team: The processes that share it; this one alone where left out.
        show: Draws pictures.

    Returns:
        The weights to keep, by name.

    Raises:
        Diverged: If the loss is no longer finite, or the gradient overflows in fp16 again and again.
        UserError: If the UNet predicts neither noise nor velocity.
    """
    losses.require_kind(scheduler)
    with contextlib.ExitStack() as stack:
        if team is None:
            team = stack.enter_context(processes.joined(0, 1, 0, context.device))
        stack.enter_context(precision.tf32(allowed=recipe.tf32))
        training = Training(unet, scheduler, given, recipe, context, team)
        state = training.state
        pace = Pace(CHECKPOINT_S, _CHECKPOINT_SHARE)
        for step in range(state.step, recipe.steps):
            training.step(step)
            if show is not None and team.leads:
                show(step, state)
            if team.leads and step + 1 < recipe.steps and pace.is_due:
                with pace.taken():
                    checkpoints.save(context.scratch, state)
        unet.eval().requires_grad_(False)
        return state.average or {name: weight.detach() for name, weight in state.weights.items()}


class Training:
    """A training under way."""

    def __init__(
        self, unet: Any, scheduler: Any, given: Examples, recipe: Recipe, context: Context, team: Team
    ) -> None:
        """Begin, or go on from a checkpoint."""
        self._scheduler, self._given, self._recipe, self._context = scheduler, given, recipe, context
        self._team, self._device = team, unet.device
        self._parameters = _trainable(unet, recipe)
        self.state = State(
            weights=self._parameters,
            average={name: tensor.detach().clone() for name, tensor in self._parameters.items()} if recipe.ema else {},
            optimizer=optimizers.make(self._parameters.values(), recipe),
            scaler=torch.amp.GradScaler(self._device.type, enabled=recipe.precision == "fp16"),
        )
        self._rate = optimizers.rate_of(self.state.optimizer, recipe)
        checkpoints.restore(context.scratch, self.state)
        self._unet = team.wrap(unet)
        self._share = team.share(recipe.batch)
        self._next: tuple[int, Batch] | None = None
        self._at_once = self._find_at_once()
        self._clock, self._reported = time.perf_counter(), self.state.step
        # None saves a checkpoint that another has yet to read.
        team.meet()

    def step(self, number: int) -> None:
        """Take an optimizer step."""
        state, recipe = self.state, self._recipe
        rate = self._rate(number)
        for group in state.optimizer.param_groups:
            group["lr"] = rate
        state.optimizer.zero_grad(set_to_none=True)
        loss = self._backward(self._batch(number))
        if number + 1 < recipe.steps:
            # Drawn and read while a CUDA device is still at work on this one.
            self._next = (number + 1, self._draw(number + 1))
        state.scaler.unscale_(state.optimizer)
        norm = torch.nn.utils.clip_grad_norm_(self._parameters.values(), recipe.clip_norm or math.inf)
        self._update()
        self._follow(number)
        state.step = number + 1
        self._report(number, self._team.mean(loss), norm, rate)

    def _backward(self, batch: Batch) -> Tensor:
        """Add up the gradient of a batch in parts; return its loss."""
        count = len(batch.clean)
        total = torch.zeros((), device=self._device)
        for start in range(0, count, self._at_once):
            part = batch.part(start, start + self._at_once)
            with self._team.apart(self._unet, last=start + self._at_once >= count):
                loss = self._loss(part) * (len(part.clean) / count)
                self.state.scaler.scale(loss).backward()
            total += loss.detach()
        return total

    def _loss(self, batch: Batch) -> Tensor:
        with precision.autocast(self._device, self._recipe.precision):
            return losses.loss_of(self._unet, self._scheduler, batch, self._recipe.min_snr)

    def _update(self) -> None:
        """Let the optimizer take a step, unless the scaled gradient overflowed: then the scale falls instead."""
        scaler = self.state.scaler
        before = scaler.get_scale()
        scaler.step(self.state.optimizer)
        scaler.update()
        self.state.skipped = self.state.skipped + 1 if scaler.get_scale() < before else 0

    @torch.no_grad()
    def _follow(self, step: int) -> None:
        """Move the running mean towards the weights; early on it follows closely.

        As `EMAModel` of diffusers, which copies the weights at step 0, where this takes nine tenths of them.
        """
        if self._recipe.ema:
            weight = 1 - min(self._recipe.ema, (1 + step) / (10 + step))
            torch._foreach_lerp_(list(self.state.average.values()), list(self.state.weights.values()), weight)

    def _batch(self, step: int) -> Batch:
        if self._next is not None and self._next[0] == step:
            return self._next[1]
        return self._draw(step)

    def _draw(self, step: int) -> Batch:
        horizon = int(self._scheduler.config.num_train_timesteps)
        return examples.batch_of(
            self._given, self._recipe, self._context.seed, step, horizon, self._device, self._share
        )  # fmt: skip

    def _find_at_once(self) -> int:
        """Return how many images to work on at once."""
        own = self._share.stop - self._share.start
        if self._recipe.at_once != "auto":
            return self._recipe.at_once or own
        batch = self._draw(self.state.step)

        def attempt(size: int) -> None:
            room = part_size.room_for_moments(list(self._parameters.values()))
            self.state.scaler.scale(self._loss(batch.part(0, size))).backward()
            self.state.optimizer.zero_grad(set_to_none=True)
            del room

        found = part_size.found(self._context.scratch, own, attempt)
        self._context.log("images_at_once", float(found), self.state.step)
        return found

    def _report(self, step: int, loss: Tensor, norm: Tensor, rate: float) -> None:
        recipe, state, context = self._recipe, self.state, self._context
        value = float(loss)
        if recipe.precision != "fp16" and not value < math.inf:
            raise Diverged(f"the training loss is {value} at step {step + 1} of {recipe.steps}")
        if state.skipped >= SKIPPED:
            raise Diverged(
                f"the gradient overflowed in {state.skipped} steps one after another, the last of them step {step + 1} "
                f"of {recipe.steps}; the training loss is {value}"
            )
        context.progress(step + 1, recipe.steps, "training steps")
        if step % _REPORT and step + 1 < recipe.steps:
            return
        now = time.perf_counter()
        rest = (state.step - self._reported) * recipe.batch / (now - self._clock)
        self._clock, self._reported = now, state.step
        context.log("loss", value, step)
        context.log("gradient_norm", float(norm), step)
        context.log("learning_rate", rate, step)
        context.log("images_per_second", rest, step)
        if state.scaler.is_enabled():
            context.log("loss_scale", state.scaler.get_scale(), step)


def _trainable(unet: Any, recipe: Recipe) -> dict[str, torch.nn.Parameter]:
    """Return what is learnt, by name: the weights, or those of the low-rank change."""
    if recipe.channels_last:
        unet.to(memory_format=torch.channels_last)
    if recipe.gradient_checkpointing:
        unet.enable_gradient_checkpointing()
    unet.train()
    if not recipe.lora_rank:
        unet.requires_grad_(True)
    return {name: parameter for name, parameter in unet.named_parameters() if parameter.requires_grad}
