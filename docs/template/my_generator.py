"""A generator to start from: copy this file and generators.yaml beside it, and fill in what is yours.

As it stands it works: it learns the colors of each class in steps, can be stopped at any of them, and draws smooth
clouds in those colors.

    bench validate --suite phantom-bounds --registry generators.yaml --generator my-generator
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Batch, Requests
from benchmark.contracts.images import Images


@dataclass
class MyGenerator:
    """Parameters are fields. What an entry gives is checked against their annotations before anything runs."""

    side: Annotated[int, Field(ge=8)] = 32
    """Side of the images in pixels."""
    steps: Annotated[int, Field(ge=1)] = 20
    """Steps of the fit."""
    batch: Annotated[int, Field(ge=1)] = 64
    """Images drawn at once. It must not change them."""

    def fit(self, train: Images, context: Context) -> None:
        """Learn from real images; called only where the entry says `fits_on: train`.

        `train` is read in blocks: hundreds of thousands of images do not fit in memory.
        """
        # Long work goes on where a kill left it: `scratch` outlives the kill, `folder` does not.
        checkpoint = context.scratch / "checkpoint.npz"
        colors, start = np.zeros((len(train.classes), 3)), 0
        if checkpoint.exists():
            with np.load(checkpoint) as saved:
                colors, start = saved["colors"], int(saved["step"])
        for step in range(start, self.steps):
            # A generator for each step, so that the steps after a kill draw what they would have drawn.
            rng = np.random.default_rng([context.seed, step])
            rows = np.sort(rng.integers(0, len(train), 64))
            seen = train.source.read(train.rows[rows])
            for label in range(len(train.classes)):
                chosen = seen[train.labels[rows] == label]
                if len(chosen):
                    colors[label] += (chosen.mean(axis=(0, 1, 2)) - colors[label]) / (step + 1)
            # Written aside and renamed, since a kill may come while it is written.
            aside = checkpoint.with_name("aside.npz")
            np.savez(aside, colors=colors, step=step + 1)
            aside.replace(checkpoint)
            context.progress(step + 1, self.steps, "steps")
            context.log("spread", float(colors.std()), step)  # A curve for the trackers.
        # What `sample` needs is left here. It runs in other processes: nothing else of this object is there.
        np.save(context.folder / "colors.npy", colors)

    def sample(self, requests: Requests, context: Context) -> Iterator[Batch]:
        """Yield one image per request, in order, in batches of any size: uint8 RGB, all of one size."""
        colors = np.load(context.folder / "colors.npy")  # Read it, and write nothing here.
        for batch in requests.batches(self.batch):
            pairs = zip(batch.labels, batch.seeds, strict=True)
            images = np.stack([self._draw(colors[label], seed) for label, seed in pairs])
            yield Batch(images, prompts=[f"clouds in the colors of {batch.classes[label]}" for label in batch.labels])

    def _draw(self, color: np.ndarray, seed: int) -> np.ndarray:
        # The request's own seed and no other: then neither the batch nor the number of images changes an image.
        rng = np.random.default_rng(seed)
        coarse = rng.normal(0, 40, (4, 4, 3))
        cloud = np.kron(coarse, np.ones((self.side // 4 + 1, self.side // 4 + 1, 1)))[: self.side, : self.side]
        return np.clip(color + cloud, 0, 255).astype(np.uint8)
