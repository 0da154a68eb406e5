"""Uniform noise: what an off-domain set scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Batch, Requests
from benchmark.contracts.images import Images


@dataclass(frozen=True)
class Noise:
    """Every pixel is uniform over the 256 levels, whatever the label."""

    side: int = 32
    """Side of the images in pixels."""

    def fit(self, train: Images, context: Context) -> None:
        """Learn nothing."""

    def sample(self, requests: Requests, context: Context) -> Iterator[Batch]:
        """Yield one image per request from the request's own seed."""
        shape = (self.side, self.side, 3)
        for batch in requests.batches(256):
            images = [np.random.default_rng(seed).integers(0, 256, shape, np.uint8) for seed in batch.seeds]
            yield Batch(images=np.stack(images))
