"""How often the intervals of the metrics hold what they are for: simulated Gaussians, truth by fresh draws.

    python -m scripts.measure.interval_coverage [--trials T] [--rows N] [--only fd-infinity]

In every scene, real rows are standard normal and synthetic ones normal, shifted in one column and scaled. Each
metric's truth is its mean over draws of its own, at the same N and k, and that of FD-infinity the distance of the two
normal distributions; an interval of nominal 95 % is right if it holds it. Writes docs/results/interval-coverage.json
(interval-coverage-N.json for N other than 300), with the ratio of the mean standard error to the true standard
deviation beside. Of FD-infinity, it tells also how many trials pass the tests of validity, which a suite that refuses
the others would show, their mean, how often their intervals hold, and the same of those that say they are selected;
with scenes near the floor that are measured for it alone. With --only, FD-infinity alone is measured, on the same
draws, and put into the file beside the others, with when and by what.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.statistics.groups import random_groups
from benchmark.statistics.jackknife import Replicates, delete_groups
from benchmark.statistics.subsampling import Subsamples
from scripts.measure import report
from tasks.metrics.frechet import frechet_distance, frechet_replicates
from tasks.metrics.frechet_infinity import FrechetInfinity, frechet_infinity
from tasks.metrics.kernel import kernel_distance, kernel_replicates, kernel_sums
from tasks.metrics.prdc import prdc
from tasks.metrics.precision_recall import improved_precision_recall
from tasks.metrics.shares import neighbor_shares

SEED = 100
ROWS = 300
SHARES = ("improved_precision", "improved_recall", "density", "coverage")
Rows = NDArray[np.float64]


class Scene(NamedTuple):
    """What the synthetic rows are like, beside standard normal real ones."""

    width: int
    shift: float
    scale: float

    def draw(self, rows: int, rng: np.random.Generator) -> tuple[Rows, Rows]:
        """Return real and synthetic rows."""
        real, synthetic = rng.normal(size=(rows, self.width)), self.scale * rng.normal(size=(rows, self.width))
        synthetic[:, 0] += self.shift
        return real, synthetic

    @property
    def distance(self) -> float:
        """Squared Frechet distance of the two normal distributions."""
        return self.shift**2 + self.width * (1.0 - self.scale) ** 2


SCENES = {
    "floor": Scene(4, 0.0, 1.0),
    "shifted by 1": Scene(4, 1.0, 1.0),
    "shifted by 2": Scene(4, 2.0, 1.0),
    "shifted by 3": Scene(4, 3.0, 1.0),
    "half as wide": Scene(4, 0.0, 0.5),
    "twice as wide": Scene(4, 0.0, 2.0),
    "16 columns, shifted by 1": Scene(16, 1.0, 1.0),
}
NEAR_FLOOR = {
    "shifted by 0.2": Scene(4, 0.2, 1.0),
    "shifted by 0.4": Scene(4, 0.4, 1.0),
    "16 columns, shifted by 0.7": Scene(16, 0.7, 1.0),
}
"""Where FD-infinity is often refused; of FD-infinity alone."""


def main() -> None:
    """Simulate and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--only", choices=["fd-infinity"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    measure = simulate if options.only is None else simulate_limit
    tried = [(measure, *one) for one in SCENES.items()] + [(simulate_limit, *one) for one in NEAR_FLOOR.items()]
    scenes = {
        name: measured(scene, rows=options.rows, trials=options.trials, seed=[SEED, at])
        for at, (measured, name, scene) in enumerate(tried)
    }
    name = "interval-coverage" if options.rows == ROWS else f"interval-coverage-{options.rows}"
    if options.only is None:
        report.write(name, {"rows a side": options.rows, "trials": options.trials, "scenes": scenes})
    else:
        report.add(name, scenes, what=options.only, how={"rows a side": options.rows, "trials": options.trials})


def simulate(scene: Scene, *, rows: int, trials: int, seed: list[int]) -> dict[str, dict[str, float]]:
    """Return of each metric its truth, its standard deviation, how often its interval held, and how wide it was."""
    truth = {name: np.array(values) for name, values in drawn(scene, rows, 2 * trials, [*seed, 0], plain).items()}
    found = drawn(scene, rows, trials, [*seed, 1], qualified)
    table = {}
    for name, estimates in found.items():
        mean, spread = float(truth[name].mean()), float(truth[name].std(ddof=1))
        intervals = [one.interval(bounds=bounds(name)) for one in estimates]
        held = [one is not None and one.low <= mean <= one.high for one in intervals]
        errors = np.array([one.standard_error for one in estimates])
        table[name] = {
            "truth": round(mean, 6),
            "standard deviation": round(spread, 6),
            "held": round(float(np.mean(held)), 4),
            "standard error of held": round(math.sqrt(np.mean(held) * (1 - np.mean(held)) / trials), 4),
            "standard error over deviation": round(float(np.sqrt(np.mean(errors**2)) / spread), 3),
        }
    exact = drawn(scene, rows, min(trials, 200), [*seed, 1], frechet_anew)["fd"]
    first = [one.standard_error for one in found["fd"][: len(exact)]]
    table["fd"]["first order over leaving groups out anew"] = round(
        float(np.mean([a / b.standard_error for a, b in zip(first, exact, strict=True)])), 4
    )
    return {**table, **simulate_limit(scene, rows=rows, trials=trials, seed=seed)}


def simulate_limit(scene: Scene, *, rows: int, trials: int, seed: list[int]) -> dict[str, dict[str, float]]:
    """Return the same of FD-infinity, of all values and of those that pass the tests of validity."""
    found = drawn(scene, rows, trials, [*seed, 1], limit)["fd-infinity"]
    values, errors = (np.array([getattr(one.intercept, name) for one in found]) for name in ("full", "standard_error"))
    ends = [(one.intercept.interval().low, one.intercept.interval().high) for one in found]
    held = np.array([low <= scene.distance <= high for low, high in ends])
    valid = np.array([one.invalid() is None for one in found])
    noted = valid & np.array([one.selected() is not None for one in found])
    table = {
        "truth": scene.distance,
        "mean": round(float(values.mean()), 6),
        "standard deviation": round(float(values.std(ddof=1)), 6),
        "held": round(float(held.mean()), 4),
        "standard error of held": round(math.sqrt(held.mean() * (1 - held.mean()) / trials), 4),
        "standard error over deviation": round(float(np.sqrt(np.mean(errors**2)) / values.std(ddof=1)), 3),
    }
    for name, chosen in (("valid", valid), ("valid and noted as selected", noted)):
        table[name] = round(float(chosen.mean()), 4)
        if chosen.any():
            table[f"mean of the {name}"] = round(float(values[chosen].mean()), 6)
            table[f"held of the {name}"] = round(float(held[chosen].mean()), 4)
    return {"fd-infinity": table}


def limit(real: Rows, synthetic: Rows) -> dict[str, FrechetInfinity]:
    """Return FD-infinity."""
    return {"fd-infinity": frechet_infinity(real=real, synthetic=synthetic, **groups(len(real)))}


def drawn(
    scene: Scene, rows: int, trials: int, seed: list[int], measure: Callable[[Rows, Rows], dict[str, object]]
) -> dict[str, list]:
    """Return what is measured on fresh draws, by metric."""
    rng = np.random.default_rng(seed)
    found = [measure(*scene.draw(rows, rng)) for _ in range(trials)]
    return {name: [one[name] for one in found] for name in found[0]}


def plain(real: Rows, synthetic: Rows) -> dict[str, object]:
    """Return the values alone."""
    both = {"real": real, "synthetic": synthetic}
    improved, four = improved_precision_recall(**both), prdc(**both)
    shares = (improved.improved_precision, improved.improved_recall, four.density, four.coverage)
    return {
        "fd": frechet_distance(**both), "kd": kernel_distance(**both), **dict(zip(SHARES, shares, strict=True)),
    }  # fmt: skip


def qualified(real: Rows, synthetic: Rows) -> dict[str, Replicates | Subsamples]:
    """Return the values with what their intervals are made of."""
    both = {"real": real, "synthetic": synthetic, **groups(len(real))}
    units = np.arange(len(real))
    shares = neighbor_shares(real=real, synthetic=synthetic, real_units=units, synthetic_units=units)
    return {
        "fd": frechet_replicates(**both),
        "kd": kernel_replicates(kernel_sums(**both)),
        **{name: getattr(shares, name) for name in SHARES},
    }


def frechet_anew(real: Rows, synthetic: Rows) -> dict[str, Replicates]:
    """Return the Frechet distance computed anew without each group."""
    given = groups(len(real))
    found = delete_groups(
        lambda **kept: (frechet_distance(real=real[kept["real"]], synthetic=synthetic[kept["synthetic"]]),),
        groups={"real": given["real_groups"], "synthetic": given["synthetic_groups"]},
    )
    return {"fd": found[0]}


def groups(rows: int) -> dict[str, NDArray[np.int64]]:
    """Return twenty groups a side."""
    return {"real_groups": random_groups(rows, seed=0), "synthetic_groups": random_groups(rows, seed=1)}


def bounds(name: str) -> tuple[float, float]:
    """Return least and greatest value of a metric."""
    if name == "kd":
        return -math.inf, math.inf
    return (0.0, math.inf) if name in ("fd", "density") else (0.0, 1.0)


if __name__ == "__main__":
    main()
