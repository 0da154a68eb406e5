"""Our training against the plain one of diffusers' example, a few steps of each in turn, in one process."""

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
from generators.stable_diffusion import examples, processes
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
    encoding_s: float
    """Seconds that ours took to encode all images and prompts beforehand."""

    def ratios(self) -> list[float]:
        """Return ours over plain, round by round."""
        return [ours / plain for ours, plain in zip(self.ours, self.plain, strict=True)]

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
        taken = _turns(ours, plain, rounds, steps, device)
    rates = {name: [steps * settings.batch / one for one in each] for name, each in taken.items()}
    return Raced(rates["plain"], rates["ours"], encoding)


def _turns(ours: Training, plain: PlainTraining, rounds: int, steps: int, device: str) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {"plain": [], "ours": []}
    at = 0
    for turn in range(rounds + 1):
        # Who begins changes from round to round.
        for name in ("plain", "ours") if turn % 2 else ("ours", "plain"):
            _settle(device)
            begun = time.perf_counter()
            for step in range(steps):
                ours.step(at + step) if name == "ours" else plain.step()
            _settle(device)
            taken[name].append(time.perf_counter() - begun)
        at += steps
    return {name: each[1:] for name, each in taken.items()}


def _settle(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
