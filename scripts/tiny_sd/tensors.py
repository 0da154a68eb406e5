"""Pictures as arrays and as tensors."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray


def to_tensor(pixels: NDArray[np.uint8]) -> torch.Tensor:
    """Return pictures as float32 in [-1, 1], shape (N, 3, H, W), from uint8 RGB of shape (N, H, W, 3)."""
    scaled = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1.0
    return scaled.contiguous(memory_format=torch.channels_last)


def to_pixels(images: torch.Tensor) -> NDArray[np.uint8]:
    """Return pictures as uint8 RGB, shape (N, H, W, 3), from values in [-1, 1] of shape (N, 3, H, W)."""
    scaled = ((images.clamp(-1.0, 1.0) + 1.0) * 127.5).round().to(torch.uint8)
    return scaled.permute(0, 2, 3, 1).numpy()
