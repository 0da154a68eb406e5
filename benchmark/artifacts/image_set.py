"""Image sets: synthetic images in shards, with a manifest row for each image."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark import atomic, digests
from benchmark.artifacts import arrays
from benchmark.contracts.generator import Requests
from benchmark.contracts.images import Images
from benchmark.protocol.operations import Resize

_PIXELS = "images.npy"
_MANIFEST = "manifest.csv"
_REDUCED = "reduced.json"
_COLUMNS = ("index", "label", "seed", "prompt", "slide", "sha256")


class Reduced(NamedTuple):
    """How images were brought down from the size they were made at."""

    made: tuple[int, ...]
    """Height and width in pixels at which they were made."""
    by: Resize


@dataclass(frozen=True)
class Row:
    """What a manifest says of one image."""

    index: int
    label: int
    seed: int
    prompt: str
    slide: str
    sha256: str


def write_shard(
    folder: Path,
    images: NDArray[np.uint8],
    requests: Requests,
    prompts: Sequence[str],
    slides: Sequence[str] | None = None,
) -> None:
    """Write the images of consecutive requests and their manifest.

    Args:
        folder: Where to.
        images: uint8 RGB, shape (N, H, W, 3).
        requests: The N requests they answer.
        prompts: What each was asked for with; empty where there was no prompt.
        slides: The slide each is from, empty where it is from none; None where all are.
    """
    slides = [""] * len(images) if slides is None else slides
    arrays.save(folder / _PIXELS, images)
    text = io.StringIO()
    # The csv module leaves a lone carriage return unquoted, and then takes it for the end of a line.
    has_returns = any("\r" in word for word in (*prompts, *slides))
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL if has_returns else csv.QUOTE_MINIMAL)
    writer.writerow(_COLUMNS)
    for position, image in enumerate(images):
        label = requests.classes[requests.labels[position]]
        writer.writerow(
            [
                requests.index[position],
                label,
                requests.seeds[position],
                prompts[position],
                slides[position],
                pixel_digest(image),
            ]
        )
    atomic.write_text(folder / _MANIFEST, text.getvalue())


def write_reduced(folder: Path, reduced: Reduced) -> None:
    """Say beside a shard's manifest that its images were made larger than they are stored."""
    content = {"made": list(reduced.made), "stored_by": reduced.by.model_dump(mode="json")}
    atomic.write_text(folder / _REDUCED, json.dumps(content) + "\n")


def pixel_digest(image: NDArray[np.uint8]) -> str:
    """Return the SHA-256 of an image's decoded pixels and shape."""
    head = "x".join(map(str, image.shape)).encode()
    return hashlib.sha256(head + np.ascontiguousarray(image).tobytes()).hexdigest()


def read_rows(folders: Sequence[Path], classes: tuple[str, ...]) -> list[Row]:
    """Return the manifest rows of all shards, in the order of the requests."""
    rows: list[Row] = []
    for folder in folders:
        with (folder / _MANIFEST).open(newline="", encoding="utf-8") as stream:
            rows += [
                Row(
                    index=int(line["index"]),
                    label=classes.index(line["label"]),
                    seed=int(line["seed"]),
                    prompt=line["prompt"],
                    slide=line["slide"],
                    sha256=line["sha256"],
                )
                for line in csv.DictReader(stream)
            ]
    return rows


def open_shards(folders: Sequence[Path], classes: tuple[str, ...]) -> Images:
    """Return the images of all shards, read from disk as they are asked for."""
    rows = read_rows(folders, classes)
    return Images(
        source=_Shards([arrays.load(folder / _PIXELS, mapped=True) for folder in folders]),
        rows=np.arange(len(rows), dtype=np.int64),
        labels=np.array([row.label for row in rows], np.int64),
        classes=classes,
        slides=np.array([row.slide for row in rows]) if rows and all(row.slide for row in rows) else None,
        digest=digests.of_value([[row.sha256, row.label] for row in rows]),
    )


class _Shards:
    """Shards on disk, read as one array."""

    def __init__(self, shards: list[NDArray[np.uint8]]) -> None:
        self._shards = shards
        self._starts = np.cumsum([0, *(len(shard) for shard in shards)])

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the images at `rows`, in their order."""
        if len(rows) == 0:
            return np.empty((0, *self._shards[0].shape[1:]), np.uint8)
        which = np.searchsorted(self._starts, rows, side="right") - 1
        return np.stack(
            [self._shards[shard][row - self._starts[shard]] for shard, row in zip(which, rows, strict=True)]
        )
