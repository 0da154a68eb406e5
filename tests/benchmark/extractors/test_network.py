"""What networks have in common: built when used, in the precision asked for, on images alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from benchmark.errors import UserError
from benchmark.extractors.network import Ends, Network, full_float32, to_tensor


class Mean(Network):
    """The mean of each channel times a weight of 1/3."""

    built, width = 0, 3

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
    """When first used; a move takes it along."""
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
    assert Mean.built == 1


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


def test_no_image_has_no_row(images):
    """And the width is known all the same."""
    assert Mean(dtype="float32").embed(images[:0]).shape == (0, 3)


def test_both_precisions_are_of_the_same_tensors(images):
    """Built once: weights that change on disk meanwhile are in neither."""
    Mean.built = 0
    low = Mean(dtype="bfloat16")
    low.prepare()
    exact = low.in_float32()
    exact.embed(images)
    low.embed(images)
    assert Mean.built == 1


def test_float32_is_not_cut_short_on_a_gpu_and_what_was_set_stays():
    """TF32 is off while features are computed, for convolutions and products; afterwards all is as it was."""
    torch.set_float32_matmul_precision("high")
    try:
        before = torch.backends.cudnn.allow_tf32
        with full_float32():
            assert torch.get_float32_matmul_precision() == "highest"
            assert torch.backends.cudnn.allow_tf32 is False
        assert torch.get_float32_matmul_precision() == "high"
        assert torch.backends.cudnn.allow_tf32 is before
    finally:
        torch.set_float32_matmul_precision("highest")


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


class Scaled(Mean):
    """Says that it wants [0, 1], and divides by a number of the test's."""

    def __init__(self, divisor):
        super().__init__(dtype="float32")
        self.divisor = divisor

    def _ends(self):
        return Ends.of((0.0,) * 3, (1.0,) * 3)

    def _prepare(self, images):
        return to_tensor(images, "cpu").float() / self.divisor


def test_what_reaches_the_network_must_have_the_range_it_wants(images):
    """Once divided by 255; not twice, not never."""
    np.testing.assert_allclose(Scaled(255).embed(images), images.mean(axis=(1, 2)) / 3 / 255, rtol=1e-5)
    for divisor, white in ((255**2, "0.00392"), (1, "255")):
        with pytest.raises(UserError, match=rf"as \(0, 0, 0\) and \({white}, .*, expected \(0, 0, 0\) and \(1, 1, 1\)"):
            Scaled(divisor).embed(images)


def test_ends_are_those_of_mean_and_deviation():
    """(0 - mean) / std and (1 - mean) / std, channel by channel."""
    assert Ends.of((0.5, 0.25), (0.5, 0.125)) == ((-1, -2), (1, 6))
