"""A small convolutional network for patches of a few dozen pixels."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor, nn


class Network(nn.Module):
    """Three stages of a strided convolution and group normalisation, then the mean over places and a linear layer.

    Group normalisation keeps an image's score independent of the batch it is scored in.
    """

    def __init__(self, *, classes: int, width: int, generator: torch.Generator) -> None:
        """Draw the weights.

        Args:
            classes: Number of outputs.
            width: Channels of the first stage; each further one has twice as many.
            generator: Source of the weights (He et al. 2015, normal).
        """
        super().__init__()
        channels = (3, width, 2 * width, 4 * width)
        # Layers draw weights of their own first; nobody else's stream of random numbers may move by that.
        with torch.random.fork_rng(devices=[]):
            self.stages = nn.ModuleList(_stage(before, after) for before, after in itertools.pairwise(channels))
            self.head = nn.Linear(channels[-1], classes)
        with torch.no_grad():
            for module in self.modules():
                if isinstance(module, nn.Conv2d | nn.Linear):
                    scale = (2 / module.weight[0].numel()) ** 0.5
                    module.weight.copy_(torch.randn(module.weight.shape, generator=generator) * scale)
            self.head.weight.mul_(0.1)
            self.head.bias.zero_()

    def forward(self, images: Tensor) -> Tensor:
        """Return logits, shape (B, classes), of images in [-1, 1], shape (B, 3, S, S)."""
        hidden = images
        for stage in self.stages:
            hidden = stage(hidden)
        return self.head(hidden.mean(dim=(2, 3)))


def _stage(before: int, after: int) -> nn.Sequential:
    # Four by four, stride two: every pixel is met equally often, whichever way the image is turned. On a processor this
    # trains several times as fast as full-size convolutions with pooling, to the same AUC.
    return nn.Sequential(
        nn.Conv2d(before, after, 4, stride=2, padding=1, bias=False),
        nn.GroupNorm(math.gcd(after, max(1, after // 8)), after),
        nn.ReLU(),
    )
