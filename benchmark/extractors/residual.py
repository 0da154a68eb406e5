"""A small residual network without normalisation, so that each image's features depend on that image alone."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Residual(nn.Module):
    """Three stages of residual blocks; the features are each channel's mean and standard deviation over places."""

    def __init__(self, *, seed: int, width: int) -> None:
        """Draw the weights.

        Args:
            seed: Of the weights (He et al. 2015, normal).
            width: Channels of the last stage; the features are twice as many.
        """
        super().__init__()
        channels = (width // 4, width // 2, width)
        # Layers draw weights of their own first; nobody else's stream of random numbers may move by that.
        with torch.random.fork_rng(devices=[]):
            self.stem = nn.Conv2d(3, channels[0], 3, padding=1, bias=False)
            self.blocks = nn.ModuleList(
                _Block(before, after, stride=2)
                for before, after in zip((channels[0], *channels), channels, strict=False)
            )
        generator = torch.Generator().manual_seed(seed)
        for parameter in self.parameters():
            fan_in = parameter[0].numel()
            with torch.no_grad():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * (2 / fan_in) ** 0.5)
            parameter.requires_grad_(False)

    def forward(self, images: Tensor) -> Tensor:
        """Return features, float32, shape (B, 2 x width), of images in [-1, 1], shape (B, 3, S, S)."""
        hidden = torch.relu(self.stem(images))
        for block in self.blocks:
            hidden = block(hidden)
        return torch.cat([hidden.mean(dim=(2, 3)), hidden.std(dim=(2, 3), correction=0)], dim=1)


class _Block(nn.Module):
    """Two convolutions beside a projection, averaged so that the scale stays."""

    def __init__(self, before: int, after: int, *, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False)
        self.second = nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.project = nn.Conv2d(before, after, 1, stride=stride, bias=False)

    def forward(self, hidden: Tensor) -> Tensor:
        inner = self.second(torch.relu(self.first(hidden)))
        return torch.relu((inner + self.project(hidden)) / 2**0.5)
