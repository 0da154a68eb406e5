"""Squares of two colours, made on the spot."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmark.contracts.dataset import Identity, Layout
from benchmark.contracts.images import ArraySource, Images


class Toy:
    """Bright and dark squares with noise, four slides a split."""

    version = 1
    summary = "Squares of two colours."
    made = True
    advice = ""

    def __init__(self, count: int = 80):
        self.count = count

    def made_bytes(self):
        return 3 * self.count * 16 * 16 * 3

    def make(self, folder: Path, progress):
        for number, split in enumerate(("train", "valid", "test")):
            rng = np.random.default_rng(number)
            labels = np.arange(self.count) % 2
            level = np.where(labels == 1, 170, 80)[:, None, None, None]
            pixels = np.clip(level + rng.normal(0, 20, (self.count, 16, 16, 3)), 0, 255).astype(np.uint8)
            np.save(folder / f"{split}.npy", pixels)
            progress(number + 1, 3, "splits")

    def layout(self, root):
        return Layout(classes=("dark", "bright"), side=16)

    def files(self, root):
        return []

    def open(self, root: Path, split):
        pixels = np.load(root / f"{split}.npy")
        return Images(
            source=ArraySource(pixels),
            rows=np.arange(len(pixels)),
            labels=np.arange(len(pixels)) % 2,
            classes=self.layout(root).classes,
            slides=np.array([f"{split}-{row // 2 % 4}" for row in range(len(pixels))]),
            digest=f"toy/{self.count}/{split}",
        )

    def identify(self, root):
        return Identity(name="toy", digest=f"{self.count:064d}", official=True)

    def codec(self, root, identity):
        return "none"
