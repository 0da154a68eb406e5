"""How fast the metrics are beside their peers: FID, KID 100 x 1,000, precision/recall k = 3, PRDC k = 5.

    python -m scripts.measure.metrics_speed [--rows N] [--width D] [--repeats R]

One call of ours against torch-fidelity and prdc one after another, in one process, in alternating order, with the same
threads, on the same float32 features at the peers' default settings. Beside them the bare operations: float32 products
of the blocks that are visited, and the covariances and eigen-decompositions of the Fréchet distance. Writes
docs/results/metrics-speed-N.json.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import resource
import time
from collections import defaultdict
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from prdc import compute_prdc
from torch_fidelity import metric_fid, metric_kid, metric_prc

from scripts.measure import report
from tasks.metrics.frechet import frechet_distance
from tasks.metrics.kernel_subsets import SubsetDraws
from tasks.metrics.pairs import tiles
from tasks.metrics.pairs.one_pass import MEMORY, Reach, one_pass

Features = NDArray[np.float32]
SEED = 100


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--width", type=int, default=2048)
    parser.add_argument("--repeats", type=int, default=2)
    options = parser.parse_args()
    real, synthetic = (features(options.rows, options.width, role) for role in (0, 1))
    kernels = {
        "ours, pass over pairs": lambda: pairs(real, synthetic),
        "ours, Frechet": lambda: frechet_distance(real=real, synthetic=synthetic),
        "bare products": lambda: products(real, synthetic),
        "bare covariances and eigen-decompositions": lambda: decompositions(real, synthetic),
        "torch-fidelity FID": lambda: fid(real, synthetic),
        "torch-fidelity KID": lambda: metric_kid.kid_features_to_metric(*tensors(synthetic, real), verbose=False),
        "torch-fidelity precision, recall": lambda: prc(real, synthetic),
        "prdc": lambda: quietly(lambda: compute_prdc(real_features=real, fake_features=synthetic, nearest_k=5)),
    }
    taken = timed(kernels, options.repeats)
    report.write(f"metrics-speed-{options.rows}", figures(taken, options))


def features(rows: int, width: int, role: int) -> Features:
    """Return features of pool3's kind: not negative, correlated, a little apart."""
    mix = np.random.default_rng(SEED).normal(size=(60, width)).astype(np.float32)
    rng = np.random.default_rng([SEED, role])
    table = rng.standard_normal((rows, 60), np.float32) @ mix * np.float32(0.1)
    return np.abs(table + np.float32(0.3) * rng.standard_normal((rows, width), np.float32) + np.float32(0.05 * role))


def pairs(real: Features, synthetic: Features) -> None:
    """Visit all pairs once, for every metric that needs them."""
    subsets = SubsetDraws.of(real_rows=len(real), synthetic_rows=len(synthetic))
    one_pass(real=real, synthetic=synthetic, balls=(Reach(3, True), Reach(5, False)), groups=subsets.groups)


def products(real: Features, synthetic: Features) -> None:
    """Multiply the blocks that are visited, and nothing else."""
    side = tiles.side_for(MEMORY, real.shape[1])
    first, second = tensors(real, synthetic)
    for one, other in ((first, first), (second, second), (first, second)):
        for start in range(0, len(one), side):
            for at in range(start if one is other else 0, len(other), side):
                torch.mm(one[start : start + side], other[at : at + side].T)


def decompositions(real: Features, synthetic: Features) -> None:
    """Make both covariances in float64, decompose one, and take the eigenvalues of the product."""
    first, second = (np.cov(rows.astype(np.float64).T) for rows in (real, synthetic))
    values, vectors = np.linalg.eigh(first)
    factor = vectors * np.sqrt(np.clip(values, 0, None))
    np.linalg.eigvalsh(factor.T @ second @ factor)


def fid(real: Features, synthetic: Features) -> None:
    """Compute torch-fidelity's FID from features."""
    statistics = [metric_fid.fid_features_to_statistics(rows) for rows in tensors(real, synthetic)]
    metric_fid.fid_statistics_to_metric(*statistics, verbose=False)


def prc(real: Features, synthetic: Features) -> None:
    """Compute torch-fidelity's precision and recall, k = 3."""
    metric_prc.prc_features_to_metric(*tensors(synthetic, real), verbose=False)


def tensors(*arrays: Features) -> list[torch.Tensor]:
    """Return arrays as tensors that share their memory."""
    return [torch.from_numpy(array) for array in arrays]


def quietly(call: Callable[[], object]) -> None:
    """Call without what it prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        call()


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
    peers = ("torch-fidelity FID", "torch-fidelity KID", "torch-fidelity precision, recall", "prdc")
    ratios = {
        "peers over ours": [sum(one[name] for name in peers) / sum(one[name] for name in ours) for one in rounds],
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
