"""How fast random patches are read from PCam's HDF5 files, beside torchvision's PCAM class.

    python -m scripts.measure.reading [--patches N] [--batch B] [--repeats R]

Both read the same rows in the same random order from one file that is written for it, 30,000 patches of noise: ours
in batches through `Images.source`, torchvision's one by one through `PCAM.__getitem__`, which opens the file for each,
turned into arrays. What they give is compared. They take turns, the order reversed every round. Writes
docs/results/reading.json.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from torchvision.datasets import PCAM

from benchmark.datasets.pcam import Pcam
from scripts.measure import report

Read = Callable[[NDArray[np.int64]], NDArray[np.uint8]]

_STORED = 30_000


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patches", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), max(_STORED, options.patches))
        readers = {"ours": ours(Path(folder), options.batch), "torchvision": torchvisions(Path(folder))}
        rows = np.random.default_rng(0).permutation(max(_STORED, options.patches))[: options.patches]
        for read in readers.values():
            np.testing.assert_array_equal(read(rows[:1000]), readers["ours"](rows[:1000]))
        taken = timed(readers, rows, options.repeats)
    report.write("reading", figures(taken, options))


def write(root: Path, count: int) -> None:
    """Write a split of noise in PCam's layout."""
    (root / "pcam").mkdir()
    rng = np.random.default_rng(1)
    name = str(root / "pcam" / "camelyonpatch_level_2_split_train_{}.h5")
    with h5py.File(name.format("x"), "w") as file:
        pixels = file.create_dataset("x", (count, 96, 96, 3), np.uint8)
        for start in range(0, count, 1000):
            pixels[start : start + 1000] = rng.integers(0, 256, (min(1000, count - start), 96, 96, 3), np.uint8)
    with h5py.File(name.format("y"), "w") as file:
        file["y"] = (np.arange(count) % 2).astype(np.uint8).reshape(-1, 1, 1, 1)


def ours(root: Path, batch: int) -> Read:
    """Return our reader."""
    source = Pcam().open(root, "train").source

    def read(rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        return np.concatenate([source.read(rows[start : start + batch]) for start in range(0, len(rows), batch)])

    return read


def torchvisions(root: Path) -> Read:
    """Return torchvision's."""
    dataset = PCAM(str(root), "train")
    return lambda rows: np.stack([np.asarray(dataset[int(row)][0]) for row in rows])


def timed(readers: dict[str, Read], rows: NDArray[np.int64], repeats: int) -> dict[str, list[float]]:
    """Time every reader in turn; first one round that is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in readers}
    for repeat in range(repeats + 1):
        for name in list(readers)[:: 1 if repeat % 2 else -1]:
            begun = time.perf_counter()
            readers[name](rows)
            if repeat:
                taken[name].append(time.perf_counter() - begun)
    return taken


def figures(taken: dict[str, list[float]], options: argparse.Namespace) -> dict[str, Any]:
    """Return the times and, of each round, their ratio."""
    ratios = [theirs / mine for theirs, mine in zip(taken["torchvision"], taken["ours"], strict=True)]
    return {
        "patches": options.patches,
        "batch": options.batch,
        "seconds": {name: report.summary(values, unit="s") for name, values in taken.items()},
        "times as fast": report.summary(ratios, unit="1"),
    }


if __name__ == "__main__":
    main()
