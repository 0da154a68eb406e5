"""Parts that leave everything they are given, in whole numbers made of SHA-256.

No library's random stream, rounding or kernel is in what they leave: it changes when what the engine hands them
changes, and then only. The goldens stand on them.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from benchmark.contracts.dataset import Identity, Layout
from benchmark.contracts.generator import Batch
from benchmark.contracts.images import ArraySource, Images
from benchmark.contracts.task import Metric, Needs, Value


def noise(name: str, *shape: int) -> np.ndarray:
    """Return bytes that hang on a name alone."""
    size = int(np.prod(shape))
    blocks = [hashlib.sha256(f"{name}/{number}".encode()).digest() for number in range(size // 32 + 1)]
    return np.frombuffer(b"".join(blocks)[:size], np.uint8).reshape(shape)


class Marks:
    """Noise, brighter for one class than for the other, on slides of unlike size."""

    version = 1
    summary = "Noise of two levels."
    made = True
    advice = ""
    counts = {"train": 18, "valid": 24, "test": 7}

    def made_bytes(self):
        return sum(self.counts.values()) * 16 * 16 * 3

    def make(self, folder: Path, progress):
        for split, count in self.counts.items():
            level = np.where(self._labels(count) == 1, 100, 20).astype(np.uint8)
            np.save(folder / f"{split}.npy", noise(split, count, 16, 16, 3) // 2 + level[:, None, None, None])

    def layout(self, root):
        return Layout(classes=("dark", "bright"), side=16)

    def files(self, root):
        return []

    def open(self, root: Path, split):
        pixels = np.load(root / f"{split}.npy")
        return Images(
            source=ArraySource(pixels),
            rows=np.arange(len(pixels)),
            labels=self._labels(len(pixels)),
            classes=self.layout(root).classes,
            slides=np.array([f"{split}-{int(row**0.5)}" for row in range(len(pixels))]),
            digest=f"marks/{split}",
        )

    def identify(self, root):
        return Identity(name="marks", digest="0" * 64, official=True)

    def codec(self, root, identity):
        return "none"

    @staticmethod
    def _labels(count):
        return (np.arange(count) % 3 == 0).astype(np.int64)


class Echo:
    """Notes what it learns from, and draws of each request what hangs on all that was said with it."""

    def __init__(self, word: str = "echo"):
        self.word = word

    def fit(self, train, context):
        told = [self.word, context.seed, context.device, context.classes, train.digest, train.labels.tolist()]
        (context.folder / "told.json").write_text(json.dumps(told))

    def sample(self, requests, context):
        floor = context.images("floor")
        shared = [self.word, context.seed, (context.folder / "told.json").read_text(), floor.digest, len(floor)]
        for batch in requests.batches(4):
            images, prompts = [], []
            for index, label, seed, rank in zip(batch.index, batch.labels, batch.seeds, batch.ranks, strict=True):
                images.append(noise(f"{shared}/{index}/{label}/{seed}/{rank}/{batch.classes}", 16, 16, 3))
                prompts.append(f"{batch.classes[label]} {rank}")
            yield Batch(images=np.stack(images), prompts=prompts)


class Sums:
    """Sums of each channel over a middle column and over all, exact in float32."""

    version = 1
    summary = "Sums of channels."
    width = 6

    def to(self, device):
        pass

    def embed(self, images):
        parts = [images[:, :, 3].sum(axis=1), images.sum(axis=(1, 2))]
        return np.concatenate(parts, axis=1).astype(np.float32)


class Tally:
    """Measures a number that hangs on everything it is handed."""

    version = 1
    summary = "A number of all inputs."
    needs = Needs(features=("reference", "synthetic"), images=("test", "synthetic"), baseline=True)
    metrics = (Metric("tally", "Tally", "higher", (0.0, None), "1", "itself", "a digest", "toybench", (), "nothing"),)

    def __init__(self, word: str = "tally"):
        self.word = word

    def baseline(self, inputs, context):
        (context.folder / "tally.json").write_text(json.dumps(self._told(inputs, context), sort_keys=True))

    def measure(self, inputs, context):
        told = self._told(inputs, context), (inputs.baseline / "tally.json").read_text()
        number = int(hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12], 16)
        n = {role: len(images) for role, images in inputs.images.items()}
        return [Value("tally", float(number), n, note="exact")]

    def _told(self, inputs, context):
        return {
            "word": self.word, "seed": context.seed, "device": context.device, "classes": context.classes,
            "images": {
                role: [images.read(0, len(images)).tolist(), images.labels.tolist(), images.digest]
                for role, images in inputs.images.items()
            },
            "features": {
                f"{extractor}/{role}": [found.values.tolist(), found.labels.tolist(), _names(found.slides)]
                for extractor, by_role in inputs.features.items() for role, found in by_role.items()
            },
        }  # fmt: skip


def _names(slides):
    return None if slides is None else slides.tolist()
