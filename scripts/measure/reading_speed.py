"""How fast random patches are read from HDF5 beside torchvision's PCAM class, which opens the file for every one.

    python -m scripts.measure.reading_speed [--patches N] [--rows N] [--batch N] [--repeats R] [--slow-patches N]

Files of the official layout are written to a temporary folder from the real patches beside the repository, or, where
they are absent, from phantom patches. Patches are drawn at random without repeats and read by ours in batches, and one
by one by torchvision's class as a data loader does, in one process and in alternating order, each as uint8 pixels and a
label; that both give equal pixels and labels is checked on the way. The file is in the page cache for both.

How the official files are laid out inside is not known to us, so besides the plain layout, which h5py writes unless
told otherwise, two compressed ones are measured: a chunk for each patch, and the chunks h5py chooses, which cut patches
into pieces and take torchvision's class a good part of a second a patch. These with fewer patches (--slow-patches), of
which torchvision's class reads a tenth where chunks cut patches. Writes docs/results/reading-speed.json.
"""

from __future__ import annotations

import argparse
import runpy
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray
from torchvision.datasets import PCAM

from benchmark.contracts import progress
from benchmark.contracts.images import Images
from benchmark.datasets import pcam_files
from benchmark.datasets.phantom.dataset import Phantom
from scripts.measure import report

SEED = 100
REAL = Path(__file__).resolve().parents[3] / "shared" / "make_pcam_h5.py"
SPLIT = "train"

Rows = NDArray[np.int64]


class Layout(NamedTuple):
    """How pixels lie in the file, and how many are read of it."""

    options: dict[str, Any]
    """For `h5py.Group.create_dataset`."""
    ours: int
    """Patches that we read."""
    theirs: int
    """Patches, the first of the same, that torchvision's class reads."""


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patches", type=int, default=20_000, help="how many the file holds")
    parser.add_argument("--rows", type=int, default=20_000, help="how many are read")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--slow-patches", type=int, default=2_000, help="how many are read where they are compressed")
    options = parser.parse_args()
    few = min(options.slow_patches, options.rows)
    layouts = {
        "contiguous": Layout({}, options.rows, options.rows),
        "gzip, a patch a chunk": Layout({"chunks": (1, *pcam_files.PATCH_SHAPE), "compression": "gzip"}, few, few),
        "gzip, chunks of h5py's choice": Layout({"compression": "gzip"}, few, max(1, few // 10)),
    }
    with tempfile.TemporaryDirectory() as folder:
        source = write(Path(folder), options.patches)
        found = {name: measured(Path(folder), layout, options) for name, layout in layouts.items()}
    report.write("reading-speed", {"patches": source, "batch": options.batch, "layouts": found})


def write(root: Path, count: int) -> str:
    """Write `count` training patches, or as many as there are, and return what they are."""
    if REAL.is_file():
        given, sys.argv = sys.argv, [str(REAL), str(root), "--train", str(count), "--valid", "2", "--test", "2"]
        try:
            runpy.run_path(str(REAL), run_name="__main__")
        finally:
            sys.argv = given
        return "real, PatchCamelyon re-encoded as JPEG before they came here"
    slides = {"slides_train": 20, "slides_valid": 1, "slides_test": 1}
    Phantom(seed=SEED, train=count, valid=2, test=2, **slides).make(root, progress.silent)
    return "phantom"


def measured(root: Path, layout: Layout, options: argparse.Namespace) -> dict[str, object]:
    """Lay out the pixels anew, read them both ways in turn, and return rates and ratios within one round each."""
    chunks = lay_out(pcam_files.split_path(root, SPLIT, "x"), layout.options)
    images = pcam_files.open_split(root, SPLIT, classes=pcam_files.CLASSES, digest=str)
    rows = np.random.default_rng(SEED).permutation(len(images))[: layout.ours]
    peer = PCAM(str(root), SPLIT)
    agree(images, peer, rows[:64])
    readers: dict[str, Callable[[], object]] = {
        "ours": lambda: ours(images, rows, options.batch),
        "torchvision": lambda: theirs(peer, rows[: layout.theirs]),
    }
    counts = {"ours": len(rows), "torchvision": min(layout.theirs, len(rows))}
    rates: dict[str, list[float]] = defaultdict(list)
    for repeat in range(options.repeats):
        for name in list(readers)[:: 1 if repeat % 2 else -1]:
            begun = time.perf_counter()
            readers[name]()
            rates[name].append(counts[name] / (time.perf_counter() - begun))
    return {
        "chunks": chunks, "patches in the file": len(images), "patches read": counts,
        "patches a second": {name: report.summary(values, unit="1/s") for name, values in rates.items()},
        "ours over torchvision": report.summary(
            [a / b for a, b in zip(rates["ours"], rates["torchvision"], strict=True)], unit="1"
        ),
    }  # fmt: skip


def lay_out(path: Path, options: dict[str, Any]) -> tuple[int, ...] | None:
    """Write the same pixels with other options, and return the shape of the file's chunks, if it has any."""
    with h5py.File(path) as file:
        pixels = file["x"][:]
    with h5py.File(path, "w") as file:
        return file.create_dataset("x", data=pixels, **options).chunks


def ours(images: Images, rows: Rows, batch: int) -> int:
    """Read in batches, and return the sum of the labels."""
    chosen, total = images.take(rows, digest=""), 0
    for start in range(0, len(chosen), batch):
        chosen.read(start, min(start + batch, len(chosen)))
        total += int(chosen.labels[start : start + batch].sum())
    return total


def theirs(peer: PCAM, rows: Rows) -> int:
    """Read one by one as arrays, and return the sum of the labels."""
    total = 0
    for row in rows.tolist():
        image, label = peer[row]
        np.asarray(image)
        total += label
    return total


def agree(images: Images, peer: PCAM, rows: Rows) -> None:
    """Make sure that both read the same."""
    chosen = images.take(rows, digest="")
    pairs = [peer[row] for row in rows.tolist()]
    np.testing.assert_array_equal(chosen.read(0, len(rows)), np.stack([np.asarray(image) for image, _ in pairs]))
    np.testing.assert_array_equal(chosen.labels, [label for _, label in pairs])


if __name__ == "__main__":
    main()
