"""What an autoencoder errs by, and how its latents become standard."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

_DIVERGENCE_WEIGHT = 2e-5
"""Weight of the Kullback-Leibler divergence per latent value; small, as reproduction comes first."""
_EDGE_WEIGHT = 0.5
"""Weight of the squared error of pixel-to-pixel differences, which keeps small shapes sharp."""


def loss_of(vae: Any, images: Tensor, generator: torch.Generator) -> Tensor:
    """Return squared error of pixels and of their differences, plus a little divergence.

    Squared, not absolute: absolute errors left the colors washed out and small shapes gray after the same steps.

    Args:
        vae: An `AutoencoderKL`.
        images: In [-1, 1], shape (B, 3, S, S).
        generator: Draws the latents, on the CPU.
    """
    posterior = vae.encode(images).latent_dist
    error = vae.decode(posterior.sample(generator)).sample - images
    edges = error.diff(dim=2).square().mean() + error.diff(dim=3).square().mean()
    divergence = 0.5 * (posterior.mean**2 + posterior.var - 1.0 - posterior.logvar).mean()
    return error.square().mean() + _EDGE_WEIGHT * edges + _DIVERGENCE_WEIGHT * divergence


@torch.no_grad()
def standardize(vae: Any, latents: Tensor) -> None:
    """Give each latent channel mean zero and standard deviation one, without changing a picture.

    The layers beside the latent are linear at each place, so the change on one side is undone exactly on the other.

    Args:
        vae: An `AutoencoderKL`, changed in place.
        latents: Means of some images' latents, unscaled, shape (N, C, h, w).
    """
    vae.register_to_config(scaling_factor=1.0)
    exact = latents.double()
    mean, spread = exact.mean(dim=(0, 2, 3)).float(), exact.std(dim=(0, 2, 3)).float()
    into, back = vae.quant_conv, vae.post_quant_conv
    back.bias += back.weight[:, :, 0, 0] @ mean
    back.weight *= spread[None, :, None, None]
    into.bias[: len(mean)] -= mean
    into.weight[: len(mean)] /= spread[:, None, None, None]
    into.bias[: len(mean)] /= spread
    into.bias[len(mean) :] -= 2.0 * spread.log()
