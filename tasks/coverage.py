"""How much of the real variety the synthetic images reach: precision, recall, density, coverage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from benchmark.contracts.task import Features, Inputs, Metric, Needs, TaskContext, Value
from benchmark.statistics.subsampling import Subsamples
from tasks import groups, too_few

_IMPROVED = "Kynkäänniemi et al. 2019 (arXiv:1904.06991)"
_NAEEM = "Naeem et al. 2020 (arXiv:2002.09797), eqs. 3 and 4"
CAUTION = "in simulations this interval held the truth near the reference, and was too short for sets far from it"
"""`tests/tasks/test_coverage.py` simulates both."""
ALIKE = "no interval: no half of the rows differs from the other"
_K = 5
"""The larger k of the two."""
_ESTIMAND = "its expectation at this N and k; it has no population limit"

METRICS = (
    Metric(
        name="precision-k3",
        title="Improved precision (k = 3)",
        direction="higher",
        bounds=(0.0, 1.0),
        unit="share",
        estimand=_ESTIMAND,
        definition="share of synthetic rows within a real ball; radius to the 3rd neighbour, closed balls",
        source=_IMPROVED,
        bounded_by=("real-holdout", "noise"),
        blind_to="what is missing; copies of the training set",
    ),
    Metric(
        name="recall-k3",
        title="Improved recall (k = 3)",
        direction="higher",
        bounds=(0.0, 1.0),
        unit="share",
        estimand=_ESTIMAND,
        definition="share of real rows within a synthetic ball; radius to the 3rd neighbour, closed balls",
        source=_IMPROVED,
        bounded_by=(),
        blind_to="what is wrong: far-flung images have wide balls, so that noise can top it; it does not order",
    ),
    Metric(
        name="density-k5",
        title="Density (k = 5)",
        direction="higher",
        bounds=(0.0, None),
        unit="balls over k",
        estimand=_ESTIMAND,
        definition="real balls that hold a synthetic row, mean over synthetic rows, over k; open balls",
        source=_NAEEM,
        bounded_by=("real-holdout", "noise"),
        blind_to="what is missing; above 1 means crowding where real images are dense",
    ),
    Metric(
        name="coverage-k5",
        title="Coverage (k = 5)",
        direction="higher",
        bounds=(0.0, 1.0),
        unit="share",
        estimand=_ESTIMAND,
        definition="share of real balls that hold some synthetic row; radius to the 5th neighbour, open balls",
        source=_NAEEM,
        bounded_by=("real-holdout", "noise"),
        blind_to="what is wrong once every ball is met; copies of the training set",
    ),
)


@dataclass(frozen=True)
class Coverage:
    """Improved precision and recall at k = 3, density and coverage at k = 5, each in its authors' convention."""

    splits: Annotated[int, Field(ge=2)] = 30
    """Random halvings behind each interval."""
    below_n_min: too_few.Policy = "usual"
    """What becomes of a number of too few images: `mark` it with the reason, `refuse` it, or as is `usual`: marked."""

    version: ClassVar[int] = 6
    summary: ClassVar[str] = "Improved precision and recall (k = 3), density and coverage (k = 5)."
    needs: ClassVar[Needs] = Needs(features=("reference", "synthetic"))
    metrics: ClassVar[tuple[Metric, ...]] = METRICS

    def baseline(self, inputs: Inputs, context: TaskContext) -> None:
        """Compute nothing beforehand."""

    def measure(self, inputs: Inputs, context: TaskContext) -> list[Value]:
        """Return the four shares under every extractor."""
        return [
            value
            for name, by_role in inputs.features.items()
            for value in self._under(name, by_role["reference"], by_role["synthetic"])
        ]

    def _under(self, extractor: str, first: Features, second: Features) -> list[Value]:
        reason = _too_few(first, second)
        if reason is not None:
            n = _n(first, second)
            return [Value(one.name, value=None, n=n, extractor=extractor, refused=reason) for one in METRICS]
        # A task is loaded to be listed; torch is not, before it measures.
        from tasks.metrics.shares import neighbor_shares

        found = neighbor_shares(
            real=first.values,
            synthetic=second.values,
            real_units=groups.of_real(first),
            synthetic_units=groups.units_of_synthetic(second),
            splits=self.splits,
        )
        four = (found.improved_precision, found.improved_recall, found.density, found.coverage)
        return [
            too_few.judged(
                _value(metric, one, extractor, first, second),
                too_few.shortfall(metric.name, real=first, synthetic=second),
                self.below_n_min,
            )
            for metric, one in zip(METRICS, four, strict=True)
        ]


def _value(metric: Metric, found: Subsamples, extractor: str, real: Features, synthetic: Features) -> Value:
    interval = found.interval(bounds=(0.0, 1.0 if metric.bounds[1] == 1.0 else float("inf")))
    return Value(
        metric=metric.name,
        extractor=extractor,
        value=found.full,
        interval=interval,
        n=_n(real, synthetic),
        slides=groups.slides(reference=real, synthetic=synthetic),
        replicates=found,
        note=_note(real) if interval is not None else ALIKE,
    )


def _note(real: Features) -> str:
    return "; ".join(filter(None, (groups.note(real), CAUTION)))


def _too_few(real: Features, synthetic: Features) -> str | None:
    """Return why some half of the rows has no k-th neighbor, or None where every half has."""
    k, fewest = _K, min(len(real.values), len(synthetic.values))
    if fewest // 2 <= k:
        return f"half of the images must be more than k = {k}; there are {fewest}"
    for units in (groups.of_real(real), groups.units_of_synthetic(synthetic)):
        sizes = np.sort(np.bincount(units))
        held = int(sizes[: len(sizes) // 2].sum())
        if held <= k:
            return f"any half of the slides must hold more than k = {k} images; the smallest slides hold {held}"
    return None


def _n(real: Features, synthetic: Features) -> dict[str, int]:
    return {"reference": len(real), "synthetic": len(synthetic)}
