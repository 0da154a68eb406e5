"""Our training, the plain one of diffusers' example and the UNet alone, a few steps of each in turn, in one process."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from diffusers import DDPMScheduler

from benchmark.contracts.context import Context
from benchmark.contracts.images import ArraySource, Images
from generators.stable_diffusion import examples, optimizers, precision, processes
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.recipe import Recipe
from generators.stable_diffusion.training import Training
from scripts.gpu.plain_training import PlainTraining, Settings


class Alone:
    """What accelerate is to a process without fellows: it knows one precision a process, and the plain loop has it."""

    is_main_process, num_processes, process_index = True, 1, 0

    def prepare_model(self, unet: Any) -> Any:
        """Return it as it is."""
        return unet

    def no_sync(self, unet: Any) -> contextlib.AbstractContextManager[None]:
        """Have nothing to keep apart."""
        return contextlib.nullcontext()

    def reduce(self, value: torch.Tensor, how: str) -> torch.Tensor:
        """Return it as it is."""
        return value

    def wait_for_everyone(self) -> None:
        """Wait for nobody."""


class Raced(NamedTuple):
    """What was measured."""

    plain: list[float]
    """Images a second of the plain loop, one number a round."""
    ours: list[float]
    """Images a second of ours."""
    bare: list[float]
    """Images a second of the UNet alone, forth and back and a step of the optimizer, always on the same tensors."""
    encoding_s: float
    """Seconds that ours took to encode all images and prompts beforehand."""

    def ratios(self) -> list[float]:
        """Return ours over plain, round by round."""
        return [ours / plain for ours, plain in zip(self.ours, self.plain, strict=True)]

    def ceilings(self) -> list[float]:
        """Return the UNet alone over plain, round by round: what no loop in this precision can surpass."""
        return [bare / plain for bare, plain in zip(self.bare, self.plain, strict=True)]

    def ratio_over(self, steps: int, batch: int) -> float:
        """Return the ratio of whole trainings of so many steps, encoding included."""
        images = steps * batch
        ours, plain = (float(np.median(rates)) for rates in (self.ours, self.plain))
        return (images / plain) / (images / ours + self.encoding_s)


def race(
    load: Callable[[], Any], pixels: np.ndarray[Any, np.dtype[np.uint8]], prompts: list[str], settings: Settings,
    recipe: Recipe, *, rounds: int, steps: int,
) -> Raced:  # fmt: skip
    """Let both loops train a pipeline of their own on the same images.

    Args:
        load: Gives a new pipeline on its device.
        pixels: Training images, uint8 RGB, shape (N, H, W, 3).
        prompts: Prompt of each.
        settings: Of the plain loop.
        recipe: Ours; batch and precision as in `settings`.
        rounds: How often each has its turn; the first turn of each is for warming up, and is not counted.
        steps: Steps a turn.
    """
    pipeline = load()
    device = pipeline.device.type
    images = Images(ArraySource(pixels), np.arange(len(pixels)), np.zeros(len(pixels), np.int64), ("a",), None, "race")
    with tempfile.TemporaryDirectory() as folder:
        context = Context(seed=100, device=device, folder=Path(folder), scratch=Path(folder), classes=("a",))
        begun = time.perf_counter()
        given = examples.prepare(pipeline, images, prompts, recipe, context)
        _settle(device)
        encoding = time.perf_counter() - begun
        scheduler = DDPMScheduler.from_config(pipeline.scheduler.config)
        pipeline.vae = pipeline.text_encoder = None
        ours = Training(pipeline.unet, scheduler, given, recipe, context, processes.Team(Alone()))
        other = load()
        plain = PlainTraining(other, pixels, prompts, pipelines.resolution(other), settings)
        bare = BareTraining(load().unet, recipe)
        sides = {"plain": lambda _: plain.step(), "ours": ours.step, "bare": lambda _: bare.step()}
        taken = _turns(sides, rounds, steps, device)
    rates = {name: [steps * settings.batch / one for one in each] for name, each in taken.items()}
    return Raced(rates["plain"], rates["ours"], rates["bare"], encoding)


class BareTraining:
    """What no loop can do without: the UNet forth and back, and a step of our optimizer."""

    def __init__(self, unet: Any, recipe: Recipe) -> None:
        """Prepare the UNet as ours is, and tensors of the batch's size."""
        if recipe.channels_last:
            unet.to(memory_format=torch.channels_last)
        self._unet, self._recipe = unet.train().requires_grad_(True), recipe
        self._optimizer = optimizers.make(self._unet.parameters(), recipe)
        side, count = unet.config.sample_size, recipe.batch
        self._noisy = torch.randn(count, unet.config.in_channels, side, side, device=unet.device)
        self._times = torch.arange(count, device=unet.device)
        self._states = torch.randn(count, 77, unet.config.cross_attention_dim, device=unet.device)

    def step(self) -> None:
        """Take one."""
        with precision.autocast(self._unet.device, self._recipe.precision):
            predicted = self._unet(self._noisy, self._times, self._states, return_dict=False)[0]
        predicted.float().square().mean().backward()
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)


def _turns(sides: dict[str, Callable[[int], object]], rounds: int, steps: int, device: str) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(rounds + 1):
        # Who begins changes from round to round.
        for name in list(sides)[:: 1 if turn % 2 else -1]:
            _settle(device)
            begun = time.perf_counter()
            for step in range(steps):
                sides[name](turn * steps + step)
            _settle(device)
            taken[name].append(time.perf_counter() - begun)
    return {name: each[1:] for name, each in taken.items()}


def _settle(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
