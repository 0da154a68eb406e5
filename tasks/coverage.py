"""How much of the real variety the synthetic images reach: precision, recall, density, coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from benchmark.contracts.task import Features, Inputs, Metric, Needs, TaskContext, Value
from benchmark.statistics.subsampling import Subsamples, subsample
from tasks import groups
from tasks.metrics import prdc, precision_recall

_IMPROVED = "Kynkäänniemi et al. 2019 (arXiv:1904.06991)"
_NAEEM = "Naeem et al. 2020 (arXiv:2002.09797), eqs. 3 and 4"
_CAUTION = "in simulations this interval held the truth near the reference, and was too short for sets far from it"
"""`tests/tasks/test_coverage.py` simulates both."""
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

    version: ClassVar[int] = 5
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
        found = subsample(
            lambda *, real, synthetic: _shares(real=first.values[real], synthetic=second.values[synthetic]),
            groups={"real": groups.of_real(first), "synthetic": groups.units_of_synthetic(second)},
            seed=0,
            splits=self.splits,
        )
        return [_value(metric, one, extractor, first, second) for metric, one in zip(METRICS, found, strict=True)]


def _shares(*, real: NDArray[np.float32], synthetic: NDArray[np.float32]) -> Sequence[float]:
    """Return the four numbers in the order of `METRICS`."""
    improved = precision_recall.improved_precision_recall(real=real, synthetic=synthetic)
    four = prdc.prdc(real=real, synthetic=synthetic)
    return improved.improved_precision, improved.improved_recall, four.density, four.coverage


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
        note=_note(real) if interval is not None else "no interval: no half of the rows differs from the other",
    )


def _note(real: Features) -> str:
    return "; ".join(filter(None, (groups.note(real), _CAUTION)))


def _too_few(real: Features, synthetic: Features) -> str | None:
    """Return why some half of the rows has no k-th neighbor, or None where every half has."""
    k, fewest = prdc.DEFAULT_K, min(len(real.values), len(synthetic.values))
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
