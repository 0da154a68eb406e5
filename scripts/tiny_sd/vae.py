"""The autoencoder: built small, trained to reproduce textures."""

from __future__ import annotations

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray

from benchmark.contracts.progress import Progress, silent
from generators.from_scratch import networks, reproduction
from scripts.tiny_sd import schedule, tensors
from scripts.tiny_sd.settings import LATENT_CHANNELS, RESOLUTION

_BATCH = 16
_LEARNING_RATE = 2e-3


def build_vae() -> AutoencoderKL:
    """Return an untrained autoencoder with a reduction of 2; its weights come from torch's global generator.

    It starts as a linear map: from ordinary weights the same 750 steps reach 20 dB on pictures it has never seen, from
    these 28 dB.
    """
    return networks.vae(side=RESOLUTION, channels=LATENT_CHANNELS, widths=(16, 32), groups=4)


def train_vae(
    vae: AutoencoderKL,
    pixels: NDArray[np.uint8],
    *,
    steps: int,
    seed: int,
    progress: Progress = silent,
) -> float:
    """Train the autoencoder on pictures whose color channels, sides and axes are swapped at random.

    Args:
        vae: Trained in place.
        pixels: uint8 RGB, shape (N, RESOLUTION, RESOLUTION, 3).
        steps: Number of steps of 16 pictures.
        seed: Seed of the order, the swaps and the latent noise.
        progress: Tells how far it is.

    Returns:
        The last loss.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(vae.parameters(), lr=_LEARNING_RATE, betas=(0.9, 0.95), weight_decay=1e-3)
    rate = schedule.warm_up_then_cosine(optimizer, steps)
    vae.to(memory_format=torch.channels_last).train()
    loss = torch.zeros(())
    for step in range(steps):
        chosen = torch.randint(len(pixels), (_BATCH,), generator=generator).numpy()
        loss = reproduction.loss_of(vae, _swapped(tensors.to_tensor(pixels[chosen]), generator), generator)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        rate.step()
        progress(step + 1, steps, "training steps")
    vae.eval()
    return loss.item()


def standardize(vae: AutoencoderKL, pixels: NDArray[np.uint8]) -> None:
    """Give each latent channel of these pictures mean zero and standard deviation one, without changing a picture."""
    vae.register_to_config(scaling_factor=1.0)
    reproduction.standardize(vae, encode(vae, pixels))


@torch.inference_mode()
def encode(vae: AutoencoderKL, pixels: NDArray[np.uint8]) -> torch.Tensor:
    """Return scaled latents without noise, float32, shape (N, LATENT_CHANNELS, LATENT_SIZE, LATENT_SIZE)."""
    blocks = (tensors.to_tensor(pixels[start : start + 64]) for start in range(0, len(pixels), 64))
    return torch.cat([vae.encode(block).latent_dist.mode() for block in blocks]) * vae.config.scaling_factor


@torch.inference_mode()
def decode(vae: AutoencoderKL, latents: torch.Tensor) -> NDArray[np.uint8]:
    """Return the pictures of scaled latents, uint8 RGB, shape (N, RESOLUTION, RESOLUTION, 3)."""
    blocks = (latents / vae.config.scaling_factor).split(64)
    return np.concatenate([tensors.to_pixels(vae.decode(block).sample) for block in blocks])


def _swapped(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Return the batch with its color channels shuffled and, half of the time each, mirrored or transposed."""
    images = images[:, torch.randperm(3, generator=generator)]
    mirrored, transposed = torch.rand(2, generator=generator) < 0.5
    images = images.flip(3) if mirrored else images
    images = images.transpose(2, 3) if transposed else images
    return images.contiguous(memory_format=torch.channels_last)
