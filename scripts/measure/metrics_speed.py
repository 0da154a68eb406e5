"""How fast the metrics are beside their peers: FID, KID 100 x 1,000, precision/recall k = 3, PRDC k = 5.

    python -m scripts.measure.metrics_speed [--rows N] [--width D] [--repeats R]

One call of ours against torch-fidelity and prdc one after another, in one process, in alternating order, with the same
threads, on the same float32 features at the peers' default settings. Beside them the bare operations: float32 products
of the blocks that are visited, and the covariances and eigen-decompositions of the Fréchet distance. Writes
docs/results/metrics-speed-N.json.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial

import torch

from scripts.measure import peers, report
from tasks.metrics.frechet import frechet_distance


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--width", type=int, default=2048)
    parser.add_argument("--repeats", type=int, default=2)
    options = parser.parse_args()
    real, synthetic = (peers.features(options.rows, options.width, role) for role in (0, 1))
    kernels = {
        "ours, pass over pairs": lambda: peers.pairs(real, synthetic),
        "ours, Frechet": lambda: frechet_distance(real=real, synthetic=synthetic),
        "bare products": lambda: peers.products(real, synthetic),
        "bare covariances and eigen-decompositions": lambda: peers.decompositions(real, synthetic),
        **{name: partial(peer, real, synthetic) for name, peer in peers.ALL.items()},
    }
    taken = timed(kernels, options.repeats)
    report.write(f"metrics-speed-{options.rows}", figures(taken, options))


def timed(kernels: dict[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    """Time every kernel in turn, and all again; ours come first, so that the memory they take shows."""
    taken: dict[str, list[float]] = defaultdict(list)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for repeat in range(repeats):
        for name, kernel in kernels.items():
            begun = time.perf_counter()
            kernel()
            taken[name].append(time.perf_counter() - begun)
            if repeat == 0 and name == "ours, Frechet":
                taken["peak MB above features"] = [(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024]
    return taken


def figures(taken: dict[str, list[float]], options: argparse.Namespace) -> dict[str, object]:
    """Return times, and ratios within one round each."""
    peak = taken.pop("peak MB above features")[0]
    rounds = [dict(zip(taken, times, strict=True)) for times in zip(*taken.values(), strict=True)]
    ours = ("ours, pass over pairs", "ours, Frechet")
    ratios = {
        "peers over ours": [sum(one[name] for name in peers.ALL) / sum(one[name] for name in ours) for one in rounds],
        "pass over bare products": [one[ours[0]] / one["bare products"] for one in rounds],
        "Frechet over its bare operations": [
            one[ours[1]] / one["bare covariances and eigen-decompositions"] for one in rounds
        ],
    }
    return {
        "rows": options.rows, "width": options.width, "threads": torch.get_num_threads(),
        "seconds": {name: report.summary(times, unit="s") for name, times in taken.items()},
        "ratios": {name: report.summary(values, unit="1") for name, values in ratios.items()},
        "peak MB above features": round(peak),
    }  # fmt: skip


if __name__ == "__main__":
    main()
