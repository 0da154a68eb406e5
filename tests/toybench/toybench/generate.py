"""Generators, good and bad."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

import numpy as np

from benchmark.contracts.generator import Batch


@dataclass
class Plain:
    """Learns each class's mean colour, and draws it with noise."""

    noise: float = 20.0
    batch: int = 7
    slow_s: float = 0.0

    def fit(self, train, context):
        pixels = train.read(0, len(train))
        means = [pixels[train.labels == label].mean(axis=(0, 1, 2)) for label in range(len(train.classes))]
        np.save(context.folder / "means.npy", np.stack(means))
        for step in range(3):
            time.sleep(self.slow_s)
            context.progress(step + 1, 3, "steps")
            context.log("loss", 1.0 / (step + 1), step)

    def sample(self, requests, context):
        path = context.folder / "means.npy"
        means = np.load(path) if path.exists() else np.full((2, 3), 128.0)
        for batch in requests.batches(self.batch):
            time.sleep(self.slow_s)
            yield Batch(
                images=np.stack(
                    [self._draw(means[label], seed) for label, seed in zip(batch.labels, batch.seeds, strict=False)]
                ),
                prompts=[f"a {batch.classes[label]} square" for label in batch.labels],
            )

    def _draw(self, mean, seed):
        noise = np.random.default_rng(seed).normal(0, self.noise, (16, 16, 3))
        return np.clip(mean + noise, 0, 255).astype(np.uint8)


@dataclass
class Faulty:
    """Breaks its contract in the way it is told."""

    how: str

    def fit(self, train, context):
        if self.how == "diverge":
            from benchmark.errors import Diverged

            raise Diverged("loss is nan at step 3")

    def sample(self, requests, context):
        images = np.zeros((len(requests), 16, 16, 3), np.uint8)
        if self.how == "raise":
            raise RuntimeError("out of luck")
        if self.how == "full disk":
            raise OSError(28, os.strerror(28))
        if self.how == "peek":
            context.images("test")
        if self.how == "few":
            images = images[:-1]
        if self.how == "float":
            images = images.astype(np.float32)
        if self.how == "prompts":
            yield Batch(images=images, prompts=["one"])
        if self.how == "global seed":
            images = np.random.default_rng().integers(0, 256, images.shape, np.uint8)
        if self.how == "batch":
            images = images + np.uint8(len(requests))
        yield Batch(images=images)
