"""The small residual network, against convolutions written out in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmark.extractors.residual import Residual


def convolve(image: np.ndarray, weights: np.ndarray, stride: int) -> np.ndarray:
    """Cross-correlation of (C, H, W) with (O, C, K, K), zero padding of K // 2."""
    side = weights.shape[2]
    padded = np.pad(image, ((0, 0), (side // 2,) * 2, (side // 2,) * 2))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("chwij,ocij->ohw", windows, weights)


def by_hand(network: Residual, image: np.ndarray) -> np.ndarray:
    """Features of one image, in float64."""
    weights = {name: tensor.double().numpy() for name, tensor in network.state_dict().items()}
    hidden = np.maximum(convolve(image, weights["stem.weight"], 1), 0)
    for stage in range(3):
        first, second, project = (weights[f"blocks.{stage}.{part}.weight"] for part in ("first", "second", "project"))
        inner = convolve(np.maximum(convolve(hidden, first, 2), 0), second, 1)
        hidden = np.maximum((inner + convolve(hidden, project, 2)) / np.sqrt(2), 0)
    return np.concatenate([hidden.mean(axis=(1, 2)), hidden.std(axis=(1, 2))])


@pytest.mark.parametrize("side", [16, 19, 32])
def test_features_are_those_of_the_formula(side):
    """Stem, three stages with a projection beside two convolutions, then mean and spread of each channel."""
    network = Residual(seed=3, width=8)
    image = np.random.default_rng(0).uniform(-1, 1, (3, side, side))
    found = network(torch.from_numpy(image[None]).float())[0].numpy()
    expected = by_hand(network, image)
    assert found.shape == (16,)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert (expected > 0).sum() > 8


def test_weights_are_he_s_normal_ones():
    """Standard deviation (2 / inputs)^(1/2) in each layer, mean 0, within four standard errors."""
    for name, tensor in Residual(seed=0, width=64).state_dict().items():
        count, inputs = tensor.numel(), tensor[0].numel()
        scaled = tensor.double() / (2 / inputs) ** 0.5
        assert abs(scaled.mean()) < 4 / count**0.5, name
        assert abs(scaled.std() - 1) < 4 / (2 * count) ** 0.5, name


def test_weights_hang_on_the_seed_alone():
    """Whatever random numbers the process has drawn."""
    torch.manual_seed(1)
    first = Residual(seed=3, width=8).state_dict()
    torch.manual_seed(2)
    again, other = Residual(seed=3, width=8).state_dict(), Residual(seed=4, width=8).state_dict()
    assert list(first) == list(again)
    for name, tensor in first.items():
        assert torch.equal(tensor, again[name])
        assert not torch.equal(tensor, other[name])


def test_making_it_leaves_the_global_stream_of_random_numbers_alone():
    """A generator that draws from it would draw otherwise where the network was loaded already."""
    before = torch.random.get_rng_state()
    Residual(seed=3, width=8)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_nothing_of_it_learns():
    """It is frozen."""
    assert not any(parameter.requires_grad for parameter in Residual(seed=0, width=8).parameters())


def test_a_constant_image_of_zeros_has_no_features():
    """There are no biases."""
    assert not Residual(seed=0, width=8)(torch.zeros(1, 3, 16, 16)).any()
