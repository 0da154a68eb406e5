"""Sheets of samples as a training goes on: the same prompts and seeds each time, with the weights that are kept."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from benchmark.contracts.context import Context, no_picture
from generators.stable_diffusion import precision, sampling
from generators.stable_diffusion.checkpoints import State
from generators.stable_diffusion.examples import Examples
from generators.stable_diffusion.pace import Pace
from generators.stable_diffusion.recipe import Recipe
from generators.stable_diffusion.sampling import Settings
from generators.stable_diffusion.training import Show

EVERY_S = 60.0
"""Seconds between sheets at least; more where one takes long."""

_SHARE = 0.03
_PROMPTS, _SEEDS = 4, 4
_SETTINGS = Settings(steps=25, guidance=3.0)


def make(pipeline: Any, given: Examples, recipe: Recipe, context: Context) -> Show | None:
    """Return what draws a sheet now and then, or None where nobody looks.

    Args:
        pipeline: The pipeline whose UNet is trained.
        given: Prompts of the images, and their embeddings.
        recipe: The precision it is trained in.
        context: Takes the sheets.
    """
    if context.picture is no_picture:
        return None
    rows = _chosen(given)
    pace = Pace(EVERY_S, _SHARE)

    def show(step: int, state: State) -> None:
        if step + 1 < recipe.steps and pace.is_due:
            with pace.taken(), _resting(pipeline.unet, state), precision.autocast(pipeline.device, recipe.precision):
                context.picture("samples", _sheet(pipeline, given, rows), step)

    return show


def _chosen(given: Examples) -> torch.Tensor:
    """Return some prompts, spread over all that images have; the rows of the sheet."""
    used = torch.unique(given.prompts)
    places = torch.linspace(0, len(used) - 1, min(_PROMPTS, len(used))).round().long()
    return used[places]


def _sheet(pipeline: Any, given: Examples, rows: torch.Tensor) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return one picture: a line a prompt, a column a seed."""
    lines = []
    for row in rows.tolist():
        told, null = given.told.take([row] * _SEEDS), given.told.part(0, 1)
        images = sampling.sample(pipeline, told, null, np.arange(_SEEDS), _SETTINGS)
        lines.append(np.concatenate(list(images), axis=1))
    return np.concatenate(lines, axis=0)


@contextlib.contextmanager
def _resting(unet: Any, state: State) -> Iterator[None]:
    """Let the UNet have the running mean, and be at rest; afterwards it is as it was, bit for bit."""
    unet.eval()
    _exchange(unet, state)
    try:
        yield
    finally:
        _exchange(unet, state)
        unet.train()


def _exchange(unet: Any, state: State) -> None:
    """Let weights and running mean change places, without a copy."""
    parameters = dict(unet.named_parameters())
    for name, mean in state.average.items():
        parameter = parameters[name]
        parameter.data, state.average[name] = mean, parameter.data
