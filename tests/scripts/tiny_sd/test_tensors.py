"""Pictures as arrays and tensors; weights from a seed."""

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


def test_weights_are_the_seeds_and_the_global_state_stays():
    """Also where what is inside fails."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        before = torch.get_rng_state()
        found = []
        for seed in (7, 7, 8):
            with tensors.seeded(seed):
                found.append(torch.nn.Linear(3, 3).weight.detach())
            torch.rand(1)
        torch.set_rng_state(before)
        with pytest.raises(KeyError), tensors.seeded(9):
            raise KeyError
        assert torch.equal(before, torch.get_rng_state())
        with tensors.seeded(7):
            torch.rand(5)
        assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])
