"""An index of a dataset: label, slide and pixel digest of every image, so that roles can be dealt out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from benchmark import atomic
from benchmark.artifacts import arrays
from benchmark.artifacts.image_set import pixel_digest
from benchmark.contracts.dataset import Dataset, Identity, Split
from benchmark.contracts.images import Images
from benchmark.contracts.progress import Progress

SPLITS: tuple[Split, ...] = get_args(Split)
"""All splits."""

_BLOCK = 512


@dataclass(frozen=True)
class SplitIndex:
    """What is known of the images of one split, in the order of the files."""

    labels: NDArray[np.int64]
    slides: NDArray[np.str_] | None
    pixels: NDArray[np.str_]
    """SHA-256 of each image's pixels, hexadecimal."""


def write(folder: Path, dataset: Dataset, root: Path, progress: Progress) -> None:
    """Read every image once and write the index of all splits and the dataset's identity."""
    opened = {split: dataset.open(root, split) for split in SPLITS}
    total, done = sum(map(len, opened.values())), 0
    for split, images in opened.items():
        pixels = np.empty(len(images), "U64")
        for start in range(0, len(images), _BLOCK):
            block = images.read(start, min(start + _BLOCK, len(images)))
            pixels[start : start + len(block)] = [pixel_digest(image) for image in block]
            done += len(block)
            progress(done, total, "images indexed")
        _write_split(folder, split, images, pixels)
    identity = dataset.identify(root)
    write_identity(folder, identity, dataset.codec(root, identity))


def write_identity(folder: Path, identity: Identity, codec: str) -> None:
    """Write which data it is, and the codec it is stored with."""
    atomic.write_json(folder / "identity.json", identity.__dict__ | {"codec": codec})


def _write_split(folder: Path, split: Split, images: Images, pixels: NDArray[np.str_]) -> None:
    arrays.save(folder / f"{split}-labels.npy", images.labels)
    arrays.save(folder / f"{split}-pixels.npy", pixels)
    if images.slides is not None:
        arrays.save(folder / f"{split}-slides.npy", images.slides)


def read(folder: Path, split: Split) -> SplitIndex:
    """Return the index of a split."""
    slides = folder / f"{split}-slides.npy"
    return SplitIndex(
        labels=arrays.load(folder / f"{split}-labels.npy"),
        slides=arrays.load(slides) if slides.exists() else None,
        pixels=arrays.load(folder / f"{split}-pixels.npy"),
    )


def read_identity(folder: Path) -> tuple[Identity, str]:
    """Return which data it is, and the codec it is stored with."""
    found = json.loads((folder / "identity.json").read_text(encoding="utf-8"))
    codec = found.pop("codec")
    return Identity(**found), codec


def digest_of_rows(pixels: NDArray[np.str_], labels: NDArray[np.int64]) -> str:
    """Return the digest of chosen images, from their pixel digests and labels."""
    digest = hashlib.sha256()
    for pixel, label in zip(pixels, labels, strict=True):
        digest.update(f"{pixel}/{label}\n".encode())
    return digest.hexdigest()
