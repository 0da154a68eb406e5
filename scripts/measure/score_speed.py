"""How fast `bench score` is, start included, beside torch-fidelity and prdc one after another in one process.

    python -m scripts.measure.score_speed [--rows N] [--width D] [--repeats R]

Ours is the command as a user gives it, `bench score --metrics fd,kd-subsets,pr,prdc` on two .npy files, with and
without intervals, of which the peers have none. Theirs is one process that loads both libraries, reads the same files
and calls FID, KID 100 x 1,000, precision and recall k = 3 and PRDC k = 5 at their default settings. Processes take
turns, the order reversed every round, with the same threads. Writes docs/results/score-speed-N.json, with the time the
peers' calls alone take beside.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmark import threads
from scripts.measure import peers, report

METRICS = "fd,kd-subsets,pr,prdc"


def main() -> None:
    """Measure and write the report, or be the process of the peers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=6000)
    parser.add_argument("--width", type=int, default=2048)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peers-on", nargs=2, type=Path, metavar="FILE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peers_on:
        print(json.dumps(call_peers(*options.peers_on)))
        return
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("real.npy", "synthetic.npy")]
        for role, path in enumerate(paths):
            np.save(path, peers.features(options.rows, options.width, role))
        taken = timed(commands(*paths), options.repeats)
    report.write(f"score-speed-{options.rows}", figures(taken, options))


def commands(real: Path, synthetic: Path) -> dict[str, list[str]]:
    """Return the processes by name."""
    files = ["--real", str(real), "--synthetic", str(synthetic)]
    ours = [sys.executable, "-m", "benchmark.cli.main", "score", *files, "--metrics", METRICS, "--json"]
    return {
        "bench score": ours,
        "bench score --no-intervals": [*ours, "--no-intervals"],
        "peers": [sys.executable, "-m", "scripts.measure.score_speed", "--peers-on", str(real), str(synthetic)],
    }


def call_peers(real: Path, synthetic: Path) -> float:
    """Call every peer once, and return how long the calls alone took."""
    rows = np.load(real), np.load(synthetic)
    begun = time.perf_counter()
    for peer in peers.ALL.values():
        peer(*rows)
    return time.perf_counter() - begun


def timed(processes: dict[str, list[str]], repeats: int) -> dict[str, list[float]]:
    """Time every process in turn, the order reversed every round; first one round that is not counted."""
    taken: dict[str, list[float]] = defaultdict(list)
    for repeat in range(repeats + 1):
        for name in list(processes)[:: 1 if repeat % 2 else -1]:
            begun = time.perf_counter()
            done = subprocess.run(processes[name], capture_output=True, text=True, check=True)
            if repeat:
                taken[name].append(time.perf_counter() - begun)
                if name == "peers":
                    taken["peers, calls alone"].append(json.loads(done.stdout))
    return taken


def figures(taken: dict[str, list[float]], options: argparse.Namespace) -> dict[str, object]:
    """Return times, and ratios within one round each."""
    ratios = {
        f"{other} over {ours}": [b / a for a, b in zip(taken[ours], taken[other], strict=True)]
        for ours in ("bench score", "bench score --no-intervals")
        for other in ("peers", "peers, calls alone")
    }
    return {
        "rows": options.rows, "width": options.width, "threads": threads.count(), "metrics": METRICS,
        "seconds": {name: report.summary(times, unit="s") for name, times in taken.items()},
        "ratios": {name: report.summary(values, unit="1") for name, values in ratios.items()},
    }  # fmt: skip


if __name__ == "__main__":
    main()
