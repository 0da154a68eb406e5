"""How long it takes to cluster patches through an embedding of our own.

    python -m scripts.measure.clustering_speed ROOT [--patches N] [--k K ...] [--repeats R]

ROOT holds PCam's files in `pcam/`, as for `bench run --data-root`. Each round is `bench morphology fit` as a user gives
it: a process of its own that reads the patches, embeds them, clusters them and writes tables, sheets and page. The
parts are timed in this process beside it. Configurations take turns, the order reversed every round. Writes
docs/results/clustering-speed-N.json.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmark import threads
from benchmark.contracts.progress import silent
from generators.morphology import clusters, inputs
from scripts.measure import report

EXTRACTORS = ("texture-statistics", "random-network")
BATCH = 1024
"""Images of a batch of mini-batch K-means."""


class Way(NamedTuple):
    """One configuration."""

    extractor: str
    k: int
    batch: int | None

    @property
    def name(self) -> str:
        """Return what the report calls it."""
        return f"{self.extractor}, K = {self.k}, {'K-means' if self.batch is None else f'mini-batch {self.batch}'}"


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--patches", type=int, default=20_000)
    parser.add_argument("--k", type=int, nargs="+", default=[33])
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    ways = [Way(name, k, batch) for name in EXTRACTORS for k in options.k for batch in (None, BATCH)]
    commands: dict[str, list[float]] = defaultdict(list)
    parts: dict[str, list[float]] = defaultdict(list)
    found: set[int] = set()
    warm()
    for repeat in range(options.repeats):
        for way in ways[:: -1 if repeat % 2 else 1]:
            commands[way.name].append(command(way, options.root, options.patches))
        for name in EXTRACTORS[:: -1 if repeat % 2 else 1]:
            found.add(in_parts(name, ways, options, parts))
    (patches,) = found
    report.write(f"clustering-speed-{patches}", {
        "patches": patches, "threads": threads.count(), "cores": os.cpu_count(), "starts": clusters.STUDY_STARTS,
        "seconds of the command": {name: report.summary(taken, unit="s") for name, taken in commands.items()},
        "seconds of its parts": {name: report.summary(taken, unit="s") for name, taken in parts.items()},
    })  # fmt: skip


def command(way: Way, root: Path, patches: int) -> float:
    """Return how long `bench morphology fit` takes, start included."""
    words = ["--dataset", "pcam", "--data-root", str(root), "--limit", str(patches), "--extractor", way.extractor]
    words += ["--k", str(way.k), "--quiet", "--json"]
    words += [] if way.batch is None else ["--mini-batch", str(way.batch)]
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        ours = [sys.executable, "-m", "benchmark.cli.main", "morphology", "fit", *words, "--out", f"{folder}/fit"]
        subprocess.run(ours, capture_output=True, check=True)
        return time.perf_counter() - begun


def warm() -> None:
    """Import and try what is timed, so that no part pays for the first use of a library."""
    rows = np.random.default_rng(0).normal(size=(300, 4))
    for batch in (None, BATCH):
        clusters.fit(rows, k=2, extractor="", standardized=False, seed=0, n_init=1, batch=batch)
    for name in EXTRACTORS:
        tool = inputs.extractor(name, registries=(), offline=True, device="cpu")
        tool.extractor.embed(np.zeros((2, 96, 96, 3), np.uint8))


def in_parts(name: str, ways: list[Way], options: argparse.Namespace, parts: dict[str, list[float]]) -> int:
    """Time embedding, and each way's clustering, of the same patches; return how many there were."""
    wanted = inputs.Wanted(None, "pcam", "train", options.root, None, options.patches, clusters.STUDY_SEED)
    tool = inputs.extractor(name, registries=(), offline=True, device="cpu")
    with inputs.opened(wanted, silent) as given:
        begun = time.perf_counter()
        features = clusters.embed(given.images, tool.extractor, None, silent)
        parts[f"{name}, reading and embedding"].append(time.perf_counter() - begun)
        for way in (one for one in ways if one.extractor == name):
            begun = time.perf_counter()
            clusters.fit(
                features, k=way.k, extractor=name, standardized=False, seed=clusters.STUDY_SEED,
                n_init=clusters.STUDY_STARTS, batch=way.batch,
            )  # fmt: skip
            parts[f"{way.name}, clustering alone"].append(time.perf_counter() - begun)
        return len(given.images)


if __name__ == "__main__":
    main()
