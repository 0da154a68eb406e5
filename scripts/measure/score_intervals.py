"""How often the intervals of `bench score` hold: CMMD, MIND, Vendi, Inception score, realism, distances to train, C_T.

    python -m scripts.measure.score_intervals [--trials T] [--rows N]

The scenes are those of `interval_coverage`: real, training and held-out rows are standard normal, synthetic ones
normal, shifted in one column and scaled. The truth of a metric of all rows is its mean over draws of its own at the
same N. What is measured for one real or training set (realism, nearest, authpct, ct) has its truth from many synthetic
and held-out rows beside that set; there are ten sets a scene, and as many trials on each. Inception scores take twice
the rows as logits. Intervals of other metrics: `interval_coverage`. Writes docs/results/score-intervals.json.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
import torch

from benchmark.statistics.groups import random_groups
from benchmark.statistics.interval import Interval
from scripts.measure import report
from scripts.measure.interval_coverage import SCENES, SEED, Rows, Scene, groups
from tasks.metrics import authenticity, clip_mmd, data_copying, inception_score, mind, nearest, realism, vendi
from tasks.score import copying, images
from tasks.score.inputs import Inputs

DIRECTIONS = 200
"""Of MIND; its 1,000 would take most of the time."""
WIDE = {"300 columns, shifted by 1": Scene(300, 1.0, 1.0)}
"""As many columns as rows, for the Vendi score, whose eigenvalues are then far from their limits."""
SETS, MANY = 10, 20_000
Held: TypeAlias = dict[str, list[tuple[float, Interval | None]]]
"""Truth and interval of each trial by metric."""


def main() -> None:
    """Simulate and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--rows", type=int, default=300)
    options = parser.parse_args()
    torch.set_num_threads(1)
    scenes = {}
    for at, (name, scene) in enumerate(SCENES.items()):
        seed = [SEED, at]
        held = {
            **of_all_rows(scene, options, seed, plain, qualified),
            **of_one_set(scene, options, [*seed, 2]),
        }
        scenes[name] = table(held)
    for at, (name, scene) in enumerate(WIDE.items()):
        scenes[name] = table(of_all_rows(scene, options, [SEED, 100 + at], plain_vendi, qualified_vendi))
    report.write("score-intervals", {"rows a side": options.rows, "trials": options.trials, "scenes": scenes})


def table(held: Held) -> dict[str, dict[str, float | None]]:
    """Return of each metric how often its interval held of the trials that had one, and the standard error of that."""
    found = {}
    for name, trials in held.items():
        given = [one.low <= truth <= one.high for truth, one in trials if one is not None]
        share = float(np.mean(given)) if given else math.nan
        found[name] = {
            "held": round(share, 4) if given else None,
            "standard error of held": round(math.sqrt(share * (1 - share) / len(given)), 4) if given else None,
            "given": round(len(given) / len(trials), 4),
            "truth": round(float(np.mean([truth for truth, _ in trials])), 5),
        }
    return found


def of_all_rows(
    scene: Scene, options: argparse.Namespace, seed: list[int], measure: Callable[..., dict[str, float]],
    qualify: Callable[..., dict[str, Interval | None]],
) -> Held:  # fmt: skip
    """Return truths and intervals of what is measured on both sets, or on one."""
    truths, rng = (
        [measure(*rows) for rows in draws(scene, options, 2, [*seed, 0])],
        draws(scene, options, 1, [*seed, 1]),
    )
    truth = {name: float(np.mean([one[name] for one in truths])) for name in truths[0]}
    found = [qualify(*rows) for rows in rng]
    return {name: [(value, one[name]) for one in found] for name, value in truth.items()}


def draws(scene: Scene, options: argparse.Namespace, times: int, seed: list[int]) -> Iterator[tuple[Rows, Rows]]:
    """Yield real and synthetic rows, so many times the number of trials."""
    rng = np.random.default_rng(seed)
    return (scene.draw(options.rows, rng) for _ in range(times * options.trials))


def plain(real: Rows, synthetic: Rows) -> dict[str, float]:
    """Return the values alone."""
    both = {"real": real, "synthetic": synthetic}
    cmmd = clip_mmd.clip_mmd(**both)
    return {
        "cmmd-unbiased": cmmd.unbiased,
        "cmmd-biased": cmmd.biased,
        "mind": mind.mind(**both, directions=DIRECTIONS),
        "is": inception_score.inception_score(logits=2.0 * synthetic).mean,
        **plain_vendi(real, synthetic),
    }


def qualified(real: Rows, synthetic: Rows) -> dict[str, Interval | None]:
    """Return the intervals."""
    both = {"real": real, "synthetic": synthetic, **groups(len(real))}
    cmmd = clip_mmd.clip_mmd_replicates(**both)
    logits = inception_score.inception_score_replicates(
        logits=2.0 * synthetic, groups=random_groups(len(synthetic), seed=1)
    )
    return {
        "cmmd-unbiased": cmmd.unbiased.interval(),
        "cmmd-biased": cmmd.biased.interval(bounds=(0.0, math.inf)),
        "mind": mind.mind_replicates(**both, directions=DIRECTIONS).interval(bounds=(0.0, math.inf)),
        "is": logits.interval(bounds=(1.0, math.inf)),
        **qualified_vendi(real, synthetic),
    }


def plain_vendi(_real: Rows, synthetic: Rows) -> dict[str, float]:
    """Return the Vendi scores of the synthetic rows."""
    return {f"vendi-q{q:g}": vendi.vendi_score(features=synthetic, q=q) for q in (0.5, 1.0, 2.0, math.inf)}


def qualified_vendi(_real: Rows, synthetic: Rows) -> dict[str, Interval | None]:
    """Return their intervals."""
    labels, most = random_groups(len(synthetic), seed=1), float(min(synthetic.shape))
    return {
        f"vendi-q{q:g}": vendi.vendi_replicates(features=synthetic, groups=labels, q=q).interval(bounds=(1.0, most))
        for q in (0.5, 1.0, 2.0, math.inf)
    }


def of_one_set(scene: Scene, options: argparse.Namespace, seed: list[int]) -> Held:
    """Return truths and intervals of what is measured for one real or training set."""
    held: Held = {}
    for at in range(SETS):
        rng = np.random.default_rng([*seed, at])
        train = scene.draw(options.rows, rng)[0]
        many = truths(train, *scene.draw(MANY, rng))
        for _ in range(options.trials // SETS):
            holdout, synthetic = scene.draw(options.rows, rng)
            inputs = Inputs({"real": train, "train": train, "holdout": holdout, "synthetic": synthetic})
            copied = data_copying.data_copying(train=train, holdout=holdout, synthetic=synthetic)
            found = [*images.realism_scores(inputs), *images.nearest_train(inputs), *copying.authentic(inputs)]
            for one in [*found, *copying.copied(inputs)]:
                truth = of_cells(many, copied) if one.metric.name == "ct" else many[one.metric.name]
                held.setdefault(one.metric.name, []).append((truth, one.interval))
    return held


def truths(train: Rows, holdout: Rows, synthetic: Rows) -> dict[str, float]:
    """Return the truths for a set: medians and shares of many synthetic rows, and the AUC of each cell."""
    copied = data_copying.data_copying(train=train, holdout=holdout, synthetic=synthetic)
    distances = nearest.nearest_rows(of=synthetic, among=train).distances
    return {
        "realism-k3-median": float(np.median(realism.realism(real=train, synthetic=synthetic))),
        "nearest-train-median": float(np.median(distances)),
        "authpct": authenticity.authenticity(train=train, synthetic=synthetic).share,
        **{f"cell {cell.number}": cell.auc for cell in copied.cells},
    }


def of_cells(many: dict[str, float], copied: data_copying.DataCopying) -> float:
    """Return C_T of the true AUC of each cell, with a trial's own numbers of rows."""
    cells = tuple(cell._replace(auc=many[f"cell {cell.number}"]) for cell in copied.cells)
    return data_copying.DataCopying(cells).statistic


if __name__ == "__main__":
    main()
