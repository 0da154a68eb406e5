"""Pictures as arrays and tensors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from scripts.tiny_sd import tensors


def test_pictures_survive_the_way_there_and_back():
    """All 256 levels, channels and sides in their places."""
    pixels = np.arange(2 * 8 * 16 * 3, dtype=np.uint16).astype(np.uint8).reshape(2, 8, 16, 3)
    tensor = tensors.to_tensor(pixels)
    assert tensor.shape == (2, 3, 8, 16)
    assert tensor.dtype == torch.float32
    assert (float(tensor.min()), float(tensor.max())) == (-1.0, 1.0)
    assert float(tensor[1, 2, 3, 4]) == pytest.approx(pixels[1, 3, 4, 2] / 127.5 - 1)
    assert tensor.is_contiguous(memory_format=torch.channels_last)
    assert np.array_equal(tensors.to_pixels(tensor), pixels)


def test_values_are_clamped_and_rounded():
    """To the nearest level."""
    values = torch.tensor([-2.0, -1 + 0.6 / 127.5, -1 + 0.4 / 127.5, 2.0]).view(1, 1, 1, 4).expand(1, 3, 1, 4)
    assert tensors.to_pixels(values)[0, 0, :, 0].tolist() == [0, 1, 0, 255]
