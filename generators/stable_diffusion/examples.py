"""What a training reads, computed once: latents of images and embeddings of prompts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from benchmark import seeds
from benchmark.contracts.context import Context
from benchmark.contracts.images import Images
from generators.stable_diffusion import conditioning, latents
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.conditioning import Conditioning
from generators.stable_diffusion.latents import Moments
from generators.stable_diffusion.recipe import Recipe

_TEXTS = "texts.safetensors"


class Examples(NamedTuple):
    """Everything a training reads; the loop touches neither VAE nor text encoder."""

    moments: Moments
    """Latents of the N training images."""
    prompts: Tensor
    """Prompt of each image as a row of `told`, shape (N,), on the CPU."""
    told: Conditioning
    """What the UNet is told of the P distinct prompts, the empty one first."""


class Batch(NamedTuple):
    """What the UNet is shown in a step, on its device."""

    clean: Tensor
    """Latents, shape (B, C, h, w)."""
    noise: Tensor
    """What is added to them, the same shape."""
    times: Tensor
    """How much of it, shape (B,)."""
    told: Conditioning
    """What the UNet is told, a row an image."""

    def part(self, start: int, stop: int) -> Batch:
        """Return the images at positions `start` to `stop`."""
        clean, noise, times = (each[start:stop] for each in (self.clean, self.noise, self.times))
        return Batch(clean, noise, times, self.told.part(start, stop))


def prepare(pipeline: Any, images: Images, prompts: list[str], recipe: Recipe, context: Context) -> Examples:
    """Encode images and prompts, and leave them in ``context.scratch``.

    Args:
        pipeline: A `StableDiffusionPipeline`.
        images: Training images.
        prompts: Prompt of each.
        recipe: How they are brought to size, and how latents are kept.
        context: Scratch folder and progress.
    """
    side = pipelines.resolution(pipeline)
    moments = latents.encode(
        pipeline.vae, images, side, context.scratch,
        flipped=recipe.flip, progress=context.progress, filter_name=recipe.resize, kind=recipe.latents,
    )  # fmt: skip
    distinct = ["", *sorted(set(prompts) - {""})]
    number = {prompt: row for row, prompt in enumerate(distinct)}
    numbers = torch.tensor([number[prompt] for prompt in prompts])
    told = conditioning.of(pipeline, distinct)
    if recipe.processes > 1:
        texts = {name: part.contiguous() for name, part in told.to("cpu").tensors().items()}
        save_file({"prompts": numbers, **texts}, context.scratch / _TEXTS)
    return Examples(moments, numbers, told)


def opened(pipeline: Any, recipe: Recipe, scratch: Path) -> Examples:
    """Return the examples that another process prepared."""
    texts = load_file(scratch / _TEXTS)
    side, count = pipelines.resolution(pipeline), len(texts["prompts"])
    moments = latents.opened(pipeline.vae, count, side, scratch, flipped=recipe.flip, kind=recipe.latents)
    numbers = texts.pop("prompts")
    return Examples(moments, numbers, Conditioning(**texts).to(pipeline.device))


def batch_of(
    examples: Examples, recipe: Recipe, seed: int, step: int, horizon: int, device: torch.device, share: slice
) -> Batch:
    """Return what the UNet is shown in a step: a function of seed and step alone.

    Args:
        examples: What it learns from.
        recipe: Batch, shares of emptied prompts and of mirrored images.
        seed: Seed of the training.
        step: Number of the step.
        horizon: Steps of the noise.
        device: Where to.
        share: The positions in the batch that this process works on.
    """
    generator = torch.Generator().manual_seed(seeds.derive(seed, "train", step))
    rows = torch.randint(len(examples.moments), (recipe.batch,), generator=generator)
    flips = torch.randint(2, (recipe.batch,), generator=generator) * int(recipe.flip)
    empty = torch.rand(recipe.batch, generator=generator) < recipe.caption_dropout
    times = torch.randint(horizon, (recipe.batch,), generator=generator)
    drawn = torch.randn((2, recipe.batch, *examples.moments.shape), generator=generator)
    posterior, noise = drawn[:, share].to(device)
    prompts = torch.where(empty, torch.zeros_like(rows), examples.prompts[rows])[share]
    clean = examples.moments.sample(flips[share], rows[share], posterior)
    return Batch(clean, noise, times[share].to(device), examples.told.take(prompts))
