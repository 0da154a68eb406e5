"""Sampling images from a pipeline, each from its own seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.stable_diffusion import latents
from generators.stable_diffusion.conditioning import Conditioning

_DECODED = 2**22
"""Pixels decoded at once: 16 images of 512 pixels, whatever the batch of the UNet."""


@dataclass(frozen=True)
class Settings:
    """How images are sampled."""

    steps: int
    """Denoising steps."""
    guidance: float
    """Scale of classifier-free guidance (Ho and Salimans 2022); 1 is without."""
    rescale: float = 0.0
    """How far guidance is brought back to the spread of what was predicted for the prompt (Lin et al. 2023)."""


def noise(seeds: NDArray[np.int64], shape: tuple[int, ...]) -> Tensor:
    """Return standard normal noise drawn on the CPU in float32, one generator per image.

    The device, the batch and the number of images never change an image's noise. NumPy draws it: torch's generator
    reads 32 bits of a seed, so that two of some ten thousand images might share theirs.

    Args:
        seeds: Seed of each image, shape (N,).
        shape: Shape of one image's latents.

    Returns:
        Shape (N, *shape).
    """
    drawn = [np.random.default_rng(int(seed)).standard_normal(shape, np.float32) for seed in seeds]
    return torch.from_numpy(np.stack(drawn))


def sample(
    pipeline: Any, told: Conditioning, null: Conditioning, seeds: NDArray[np.int64], settings: Settings
) -> NDArray[np.uint8]:
    """Return one image per prompt.

    Args:
        pipeline: A pipeline of `pipeline.load`.
        told: What its UNet is told of the B prompts.
        null: What it is told where there is no prompt, one row.
        seeds: Seed of each image, shape (B,).
        settings: How.

    Returns:
        uint8 RGB, shape (B, S, S, 3).
    """
    side = int(pipeline.unet.config.sample_size)
    start = noise(seeds, (int(pipeline.unet.config.in_channels), side, side)).to(pipeline.device)
    with torch.inference_mode():
        output = pipeline(
            **told.for_pipeline(null),
            latents=start,
            # A pipeline's own sampler may draw more noise on its way.
            generator=[torch.Generator().manual_seed(int(seed)) for seed in seeds],
            num_inference_steps=settings.steps,
            guidance_scale=settings.guidance,
            guidance_rescale=settings.rescale,
            output_type="latent",
        ).images
        return _decoded(pipeline.vae, output)


def _decoded(vae: Any, found: Tensor) -> NDArray[np.uint8]:
    """Return the images of latents, a few at a time where they are large."""
    scaled = found / vae.config.scaling_factor
    if getattr(vae.config, "latents_mean", None) is not None:
        mean, deviation = (
            torch.tensor(vae.config[name], device=found.device).view(1, -1, 1, 1)
            for name in ("latents_mean", "latents_std")
        )
        scaled = scaled * deviation + mean
    factor = 2 ** (len(vae.config.block_out_channels) - 1)
    batch = max(1, _DECODED // (found.shape[2] * found.shape[3] * factor**2))
    return np.concatenate([latents.to_uint8(vae.decode(part.to(vae.dtype)).sample) for part in scaled.split(batch)])
