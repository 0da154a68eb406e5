"""First weights that make an autoencoder a linear map, from which training departs.

Two things keep a small autoencoder from learning soon. Residual branches add noise before they are of use: here their
last layers start at zero. And the normalization before the last layer takes brightness and contrast out of each
picture: here each of its groups holds a large constant beside pairs of opposite channels. The constant rules the
group's spread, so the channels pass nearly unscaled; and SiLU(x) - SiLU(-x) = x, so a layer that takes the difference
of a pair sees no bend at all.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers.models.resnet import ResnetBlock2D
from torch import nn

_CONSTANT = 3.0
"""The constant of each group; pixels are in [-1, 1]."""
_VARIANCE = 0.3
"""About the variance of the other channels."""


@torch.no_grad()
def apply(vae: Any) -> None:
    """Change the weights of an untrained autoencoder so that encoder and decoder are linear but for their borders.

    Args:
        vae: An `AutoencoderKL` with a convolution on the shortcut of its last encoder and decoder blocks (their widths
            differ from the blocks' before), and at least four channels to a group.
    """
    for module in vae.modules():
        if isinstance(module, ResnetBlock2D):
            for weight in module.conv2.parameters():
                weight.zero_()
    for half, last in ((vae.encoder, vae.encoder.down_blocks[-1]), (vae.decoder, vae.decoder.up_blocks[-1])):
        _pass_through(last.resnets[0].conv_shortcut, half.conv_norm_out, half.conv_out)


def _pass_through(before: Any, norm: nn.GroupNorm, after: nn.Conv2d) -> None:
    """Let what `before` gives reach `after` linearly, through `norm` and SiLU."""
    size = norm.num_channels // norm.num_groups
    before.bias.zero_()
    for first in range(0, norm.num_channels, size):
        before.weight[first : first + 2] = 0.0
        before.bias[first], before.bias[first + 1] = _CONSTANT, -_CONSTANT
        after.weight[:, first : first + 2] = 0.0
        for channel in range(first + 2, first + size, 2):
            before.weight[channel + 1] = -before.weight[channel]
            after.weight[:, channel + 1] = -after.weight[:, channel]
    spread = ((2 * _CONSTANT**2 + (size - 2) * _VARIANCE) / size) ** 0.5
    norm.weight.fill_(spread)
