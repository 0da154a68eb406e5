"""Sampling images from a pipeline, each from its own seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.stable_diffusion import latents


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
    pipeline: Any, embeddings: Tensor, null: Tensor, seeds: NDArray[np.int64], *, steps: int, guidance: float
) -> NDArray[np.uint8]:
    """Return one image per prompt embedding.

    Args:
        pipeline: A `StableDiffusionPipeline`.
        embeddings: Prompt embeddings, shape (B, tokens, width).
        null: Embedding of the empty prompt, shape (1, tokens, width).
        seeds: Seed of each image, shape (B,).
        steps: Denoising steps.
        guidance: Scale of classifier-free guidance (Ho and Salimans 2022); 1 is without.

    Returns:
        uint8 RGB, shape (B, S, S, 3).
    """
    side = int(pipeline.unet.config.sample_size)
    start = noise(seeds, (int(pipeline.unet.config.in_channels), side, side)).to(pipeline.device)
    with torch.inference_mode():
        output = pipeline(
            prompt_embeds=embeddings,
            negative_prompt_embeds=null.expand_as(embeddings),
            latents=start,
            # A pipeline's own sampler may draw more noise on its way.
            generator=[torch.Generator().manual_seed(int(seed)) for seed in seeds],
            num_inference_steps=steps,
            guidance_scale=guidance,
            output_type="latent",
        ).images
        decoded = pipeline.vae.decode(output / pipeline.vae.config.scaling_factor).sample
    return latents.to_uint8(decoded)
