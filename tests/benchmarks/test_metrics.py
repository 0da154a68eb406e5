"""The metrics beside their peers and their own bare operations, in one process, in alternating order.

Skipped by `make test`; `docs/performance.md` has the command. Sizes come from the environment:
`HISTOBENCH_BENCHMARK_ROWS`, `HISTOBENCH_BENCHMARK_WIDTH`, `HISTOBENCH_BENCHMARK_ROUNDS`. Times are for whoever reads
them and are never asserted; what is asserted is that both sides computed the same thing.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest

from scripts.measure import peers
from tasks.metrics.frechet import frechet_distance
from tasks.metrics.kernel_subsets import REFERENCE_SUBSET_SIZE
from tasks.score import compute
from tasks.score.inputs import Inputs

ROWS, WIDTH, ROUNDS = (
    int(os.environ.get(f"HISTOBENCH_BENCHMARK_{name}", default))
    for name, default in (("ROWS", REFERENCE_SUBSET_SIZE), ("WIDTH", 64), ("ROUNDS", 3))
)


@pytest.fixture(scope="module")
def sets():
    return [peers.features(ROWS, WIDTH, role) for role in (0, 1)]


@pytest.fixture
def alternated(benchmark):
    """Times two calls in turn, the order reversed every round, and returns the last result of each.

    pytest-benchmark times both together; each one's own times and their ratio by round are in its `extra_info`.
    """

    def run(ours: Callable[[], object], theirs: Callable[[], object]):
        taken, found = {"ours": [], "theirs": []}, {}

        def both() -> None:
            order = [("ours", ours), ("theirs", theirs)][:: -1 if len(taken["ours"]) % 2 else 1]
            for name, call in order:
                begun = time.perf_counter()
                found[name] = call()
                taken[name].append(time.perf_counter() - begun)

        benchmark.pedantic(both, rounds=ROUNDS, warmup_rounds=0)
        ratios = [b / a for a, b in zip(taken["ours"], taken["theirs"], strict=True)]
        medians = {name: statistics.median(times) for name, times in taken.items()}
        benchmark.extra_info.update(rows=ROWS, width=WIDTH, seconds=medians, theirs_over_ours=statistics.median(ratios))
        return found["ours"], found["theirs"]

    return run


@pytest.mark.parametrize("intervals", [True, False])
def test_the_group_of_metrics(alternated, sets, intervals):
    """FID, KID 100 x 1,000, precision and recall k = 3, PRDC k = 5: one call of ours, and all peers in a row."""
    given = Inputs(dict(zip(("real", "synthetic"), sets, strict=True)), intervals=intervals)
    ours, theirs = alternated(
        lambda: compute.score(given, ["fd", "kd-subsets", "pr", "prdc"]),
        lambda: {name: peer(*sets) for name, peer in peers.ALL.items()},
    )
    found = {one.metric.name: one.value for one in ours}
    fid, kid = theirs["torch-fidelity FID"], theirs["torch-fidelity KID"]
    assert found["fd"] == pytest.approx(fid["frechet_inception_distance"], rel=1e-4)
    assert found["kd-subsets"] == pytest.approx(kid["kernel_inception_distance_mean"], abs=1e-5)
    assert found["precision-k3"] == pytest.approx(theirs["torch-fidelity precision, recall"]["precision"], abs=2e-3)
    assert found["coverage-k5"] == pytest.approx(theirs["prdc"]["coverage"], abs=2e-3)


def test_the_pass_over_pairs_over_its_bare_products(alternated, sets):
    """Kernel sums and neighbors of all pairs, over the float32 products of the same blocks."""
    ours, _ = alternated(lambda: peers.pairs(*sets), lambda: peers.products(*sets))
    assert np.isfinite(ours.kernel).all()
    assert len(ours.meetings) == 2


def test_the_frechet_distance_over_its_bare_operations(alternated, sets):
    """Both covariances in float64, one eigen-decomposition and the eigenvalues of the product."""
    ours, _ = alternated(lambda: frechet_distance(real=sets[0], synthetic=sets[1]), lambda: peers.decompositions(*sets))
    assert ours > 0
