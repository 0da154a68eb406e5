"""Images as the VAE sees them, encoded once and kept on disk as mean and deviation."""

from __future__ import annotations

import json
import math
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark import atomic
from benchmark.contracts.images import Images
from benchmark.contracts.progress import Progress
from benchmark.errors import UserError
from benchmark.protocol import pixels

SYNC_S = 20.0
"""Seconds between flushes of what is encoded: what a kill costs at most."""

_VALUES, _ABOUT = "latents.bin", "latents.json"
_BATCH = 64
_PIXELS = 64 * 256 * 256
"""Pixels the VAE is shown at once, at most."""


@dataclass(frozen=True)
class Moments:
    """Mean and standard deviation of each image's latents, for the image and for its mirror image."""

    values: NDArray[Any]
    """Shape (N, F, 2, C, h, w): image; as it is or flipped left to right (encoded apart: a VAE does not commute with
    it; F is 1 where nothing is flipped); mean or deviation. Mapped from a file: only rows asked for are read."""
    scale: float
    """The VAE's scaling factor."""

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.values)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of one image's latents, (C, h, w)."""
        return tuple(self.values.shape[3:])

    def sample(self, flips: Tensor, rows: Tensor, noise: Tensor) -> Tensor:
        """Return latents drawn afresh from the posterior, as encoding in the loop would.

        Args:
            flips: 0 or 1 for each row, shape (B,), on the CPU.
            rows: Image numbers, shape (B,), on the CPU.
            noise: Standard normal, shape (B, C, h, w), on the device to compute on.

        Returns:
            Scaled latents, float32, shape (B, C, h, w), channels last in memory.
        """
        chosen = np.asarray(self.values[rows.numpy(), flips.numpy()], dtype=np.float32)
        mean, deviation = torch.from_numpy(chosen).to(noise.device).unbind(dim=1)
        # As VAEs hand them over: convolutions, and with them a training's bits, go by how the latents lie in memory.
        return ((mean + deviation * noise) * self.scale).contiguous(memory_format=torch.channels_last)


def encode(
    vae: Any, images: Images, side: int, folder: Path, *, flipped: bool, progress: Progress,
    filter_name: str = "lanczos", kind: str = "float32",
) -> Moments:  # fmt: skip
    """Return the moments of images brought to `side` pixels; go on from what an encoding that was killed left.

    Args:
        vae: An `AutoencoderKL`.
        images: The images.
        side: Side in pixels.
        folder: Where to keep them; survives a kill.
        flipped: Whether mirror images are encoded too.
        progress: Tells how far it is.
        filter_name: Pillow's filter, antialiased where it reduces.
        kind: ``float32``, or ``float16``: half the disk; means are off by up to 2**-11 of themselves, deviations
            by as much or 2**-25.

    Raises:
        UserError: If the disk has no room for them.
    """
    shape = (len(images), 1 + flipped, 2, *_shape_of(vae, side))
    row = math.prod(shape[1:]) * np.dtype(kind).itemsize
    done = _done(folder)
    _require_room(folder, (len(images) - done) * row)
    block = max(1, min(_BATCH, _PIXELS // (side * side)))
    with (folder / _VALUES).open("ab") as stream:
        # What came after the last flush may be there in part; nothing before it is missing.
        stream.truncate(done * row)
        if done:
            progress(done, len(images), "images encoded")
        synced = time.monotonic()
        for start in range(done, len(images), block):
            stop = min(start + block, len(images))
            resized = pixels.resize(images.read(start, stop), side, filter_name)
            sides = [resized, resized[:, :, ::-1]] if flipped else [resized]
            stream.write(np.stack([_moments(vae, one) for one in sides], axis=1).astype(kind).tobytes())
            progress(stop, len(images), "images encoded")
            if stop == len(images) or time.monotonic() - synced > SYNC_S:
                _flush(stream, folder, stop)
                synced = time.monotonic()
    values = np.memmap(folder / _VALUES, dtype=kind, mode="r", shape=shape)
    return Moments(values=values, scale=float(vae.config.scaling_factor))


def opened(vae: Any, count: int, side: int, folder: Path, *, flipped: bool, kind: str) -> Moments:
    """Return the moments that `encode` left in a folder."""
    shape = (count, 1 + flipped, 2, *_shape_of(vae, side))
    values = np.memmap(folder / _VALUES, dtype=kind, mode="r", shape=shape)
    return Moments(values=values, scale=float(vae.config.scaling_factor))


def to_tensor(images: NDArray[np.uint8], device: torch.device | str) -> Tensor:
    """Return uint8 RGB images of shape (B, S, S, 3) as floats in [-1, 1], shape (B, 3, S, S)."""
    return torch.from_numpy(np.ascontiguousarray(images)).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_uint8(images: Tensor) -> NDArray[np.uint8]:
    """Return floats in [-1, 1], shape (B, 3, S, S), as uint8 RGB images of shape (B, S, S, 3), rounded."""
    levels = ((images.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    array: NDArray[np.uint8] = levels.permute(0, 2, 3, 1).cpu().numpy()
    return array


@torch.inference_mode()
def _moments(vae: Any, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return mean and deviation, shape (B, 2, C, h, w)."""
    parameters = vae.encode(to_tensor(images, vae.device)).latent_dist.parameters
    mean, log_variance = parameters.chunk(2, dim=1)
    deviation = (0.5 * log_variance.clamp(-30.0, 20.0)).exp()
    return torch.stack([mean, deviation], dim=1).cpu().numpy()


@torch.inference_mode()
def round_trip(vae: Any, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return images through an autoencoder and back, by the means of their latents.

    Args:
        vae: An `AutoencoderKL`.
        images: uint8 RGB of its own side, shape (B, S, S, 3), which is that of what is returned.
    """
    return to_uint8(vae.decode(vae.encode(to_tensor(images, vae.device)).latent_dist.mean).sample)


def _shape_of(vae: Any, side: int) -> tuple[int, int, int]:
    """Return the shape of the latents of an image, (C, h, w)."""
    factor = 2 ** (len(vae.config.block_out_channels) - 1)
    return int(vae.config.latent_channels), side // factor, side // factor


def _done(folder: Path) -> int:
    """Return how many images are encoded and on the disk."""
    about = folder / _ABOUT
    return int(json.loads(about.read_text())["done"]) if about.exists() else 0


def _flush(stream: BinaryIO, folder: Path, done: int) -> None:
    atomic.sync(stream)
    atomic.write_json(folder / _ABOUT, {"done": done})


def _require_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise UserError(
            f"The latents of the training images take {needed / 1e9:.1f} GB while a fit lasts; {free / 1e9:.1f} GB are "
            f"free in {folder}. Make room, put the store elsewhere (--store), or take 'latents: float16'."
        )
