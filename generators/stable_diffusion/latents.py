"""Images as the VAE sees them, encoded once and kept as mean and variance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark.contracts.images import Images
from benchmark.contracts.progress import Progress
from benchmark.protocol import pixels

_BATCH = 64


@dataclass(frozen=True)
class Moments:
    """Mean and standard deviation of each image's latents, for the image and for its mirror image."""

    mean: Tensor
    """Shape (2, N, C, h, w): as it is, and flipped left to right (encoded apart: a VAE does not commute with it)."""
    deviation: Tensor
    """The same shape."""
    scale: float
    """The VAE's scaling factor."""

    def sample(self, flips: Tensor, rows: Tensor, noise: Tensor) -> Tensor:
        """Return latents drawn afresh from the posterior, as encoding in the loop would.

        Args:
            flips: 0 or 1 for each row, shape (B,).
            rows: Image numbers, shape (B,).
            noise: Standard normal, shape (B, C, h, w).

        Returns:
            Scaled latents, shape (B, C, h, w).
        """
        return (self.mean[flips, rows] + self.deviation[flips, rows] * noise) * self.scale


def encode(vae: Any, images: Images, side: int, *, flipped: bool, progress: Progress) -> Moments:
    """Return the moments of images brought to `side` pixels (Lanczos, antialiased).

    Args:
        vae: An `AutoencoderKL`.
        images: The images.
        side: Side in pixels.
        flipped: Whether mirror images are encoded too; otherwise the second half repeats the first.
        progress: Tells how far it is.
    """
    parts: list[list[Tensor]] = [[], []]
    done = 0
    for block in images.batches(_BATCH):
        resized = pixels.resize(block, side, "lanczos")
        parts[0].append(_parameters(vae, resized))
        if flipped:
            parts[1].append(_parameters(vae, resized[:, :, ::-1]))
        done += len(block)
        progress(done, len(images), "images encoded")
    first = torch.cat(parts[0])
    both = torch.stack([first, torch.cat(parts[1]) if flipped else first])
    mean, log_variance = both.chunk(2, dim=2)
    deviation = (0.5 * log_variance.clamp(-30.0, 20.0)).exp()
    return Moments(mean=mean, deviation=deviation, scale=float(vae.config.scaling_factor))


def to_tensor(images: NDArray[np.uint8], device: torch.device | str) -> Tensor:
    """Return uint8 RGB images of shape (B, S, S, 3) as floats in [-1, 1], shape (B, 3, S, S)."""
    return torch.from_numpy(np.ascontiguousarray(images)).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_uint8(images: Tensor) -> NDArray[np.uint8]:
    """Return floats in [-1, 1], shape (B, 3, S, S), as uint8 RGB images of shape (B, S, S, 3), rounded."""
    levels = ((images.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    array: NDArray[np.uint8] = levels.permute(0, 2, 3, 1).cpu().numpy()
    return array


@torch.inference_mode()
def _parameters(vae: Any, images: NDArray[np.uint8]) -> Tensor:
    """Return mean and log variance, side by side, shape (B, 2C, h, w)."""
    parameters: Tensor = vae.encode(to_tensor(images, vae.device)).latent_dist.parameters
    return parameters.clone()
