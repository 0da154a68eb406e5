"""What networks have in common: built when used, in the precision asked for, on images alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from benchmark.errors import UserError
from benchmark.extractors.network import Network, to_tensor


class Mean(Network):
    """The mean of each channel times a weight of 1/3."""

    built = 0

    def _build(self):
        type(self).built += 1
        layer = nn.Conv2d(3, 3, 1, bias=False)
        nn.init.dirac_(layer.weight)
        layer.weight.data /= 3
        return layer

    def _prepare(self, images):
        return to_tensor(images, "cpu").float()

    def _forward(self, module, inputs):
        return module(inputs).mean(dim=(2, 3))


@pytest.fixture
def images():
    """Forty images, unlike in every channel: more than go through at once."""
    return np.random.default_rng(0).integers(0, 256, (40, 5, 7, 3), np.uint8)


def test_every_image_has_its_row(images):
    """In order, whatever is cut where; float32."""
    found = Mean(dtype="float32").embed(images)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, images.mean(axis=(1, 2)) / 3, rtol=1e-5)
    np.testing.assert_allclose(Mean(dtype="float32").embed(images[17:18]), found[17:18], rtol=1e-6)


def test_it_is_built_once_and_frozen(images):
    """When first used; again after a move."""
    Mean.built = 0
    network = Mean(dtype="float32")
    assert Mean.built == 0
    network.embed(images)
    network.embed(images)
    assert Mean.built == 1
    assert not network.module.training
    assert not any(parameter.requires_grad for parameter in network.module.parameters())
    network.to("cpu")
    network.embed(images)
    assert Mean.built == 2


def test_precision_is_the_networks_and_the_features_float32(images):
    """The weight 1/3 is not the same in eight bits; `in_float32` is the network to measure that by."""
    low = Mean(dtype="bfloat16")
    found = low.embed(images)
    assert found.dtype == np.float32
    assert low.module.weight.dtype == torch.bfloat16
    exact = low.in_float32()
    assert exact is not None
    assert exact.module.weight.dtype == torch.float32
    assert low.module.weight.dtype == torch.bfloat16
    assert 1e-4 < np.abs(found - exact.embed(images)).max() / found.max() < 1e-2
    assert exact.in_float32() is None


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((2, 4, 4, 3), np.float32),
        np.zeros((4, 4, 3), np.uint8),
        np.zeros((2, 3, 4, 4), np.uint8),
        np.zeros((2, 4, 4, 4), np.uint8),
    ],
)
def test_anything_but_uint8_rgb_is_refused(wrong):
    """Floats in [0, 1] would be scaled twice; channels first would be read as rows."""
    with pytest.raises(UserError, match=rf"uint8 RGB of shape \(B, H, W, 3\), found {wrong.dtype} of shape"):
        Mean(dtype="float32").embed(wrong)
