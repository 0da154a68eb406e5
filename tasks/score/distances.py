"""Distances between the two sets that need no common pass: Fréchet distance, CMMD, MIND."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypedDict

from benchmark.statistics.arrays import Ints
from benchmark.statistics.jackknife import Replicates
from tasks.metrics import frechet
from tasks.metrics import frechet_infinity as limit
from tasks.metrics import mind as sliced
from tasks.score.definitions import metrics_of
from tasks.score.inputs import Inputs
from tasks.score.qualified import judged, qualified, slides_of
from tasks.score.scored import Scored

_ROLES = ("real", "synthetic")


def frechet_distance(inputs: Inputs) -> Iterator[Scored]:
    """Yield the Fréchet distance."""
    real, synthetic = inputs.real, inputs.synthetic
    found: float | Replicates = (
        frechet.frechet_replicates(real=real, synthetic=synthetic, **_labels(inputs))
        if inputs.intervals
        else frechet.frechet_distance(real=real, synthetic=synthetic)
    )
    yield qualified(metrics_of("fd")[0], found, inputs, *_ROLES)


def frechet_infinity(inputs: Inputs) -> Iterator[Scored]:
    """Yield FD-infinity, or why there is none."""
    (metric,) = metrics_of("fd-infinity")
    labels = _labels(inputs)
    reason = limit.too_few_groups(**labels)
    if reason is not None:
        yield Scored(metric, None, None, inputs.n(*_ROLES), {}, reason)
        return
    # A number that would be refused is not fitted first.
    if inputs.below_n_min != "mark" and (reason := limit.too_few_rows(real=inputs.real, synthetic=inputs.synthetic)):
        yield Scored(metric, None, None, inputs.n(*_ROLES), slides_of(inputs, *_ROLES), reason)
        return
    found = limit.frechet_infinity(real=inputs.real, synthetic=inputs.synthetic, **labels)
    number = found.intercept if inputs.intervals else found.intercept.full
    # Where all values are shown, none is selected.
    note = None if inputs.below_n_min == "mark" else found.selected()
    yield judged(qualified(metric, number, inputs, *_ROLES, note=note), found.invalid(), inputs.below_n_min)


def clip_mmd(inputs: Inputs) -> Iterator[Scored]:
    """Yield CMMD, unbiased and biased."""
    # torch, for those who ask for it.
    from tasks.metrics import clip_mmd as metric

    real, synthetic = inputs.real, inputs.synthetic
    found: Sequence[float | Replicates] = (
        metric.clip_mmd_replicates(real=real, synthetic=synthetic, **_labels(inputs))
        if inputs.intervals
        else metric.clip_mmd(real=real, synthetic=synthetic)
    )
    for one, value in zip(metrics_of("cmmd"), found, strict=True):
        yield qualified(one, value, inputs, *_ROLES)


def mind(inputs: Inputs) -> Iterator[Scored]:
    """Yield MIND."""
    real, synthetic = inputs.real, inputs.synthetic
    found: float | Replicates = (
        sliced.mind_replicates(real=real, synthetic=synthetic, **_labels(inputs))
        if inputs.intervals
        else sliced.mind(real=real, synthetic=synthetic)
    )
    yield qualified(metrics_of("mind")[0], found, inputs, *_ROLES)


class _Labels(TypedDict):
    """The group of each row of both sides, as the metrics take them."""

    real_groups: Ints
    synthetic_groups: Ints


def _labels(inputs: Inputs) -> _Labels:
    return {"real_groups": inputs.groups("real"), "synthetic_groups": inputs.groups("synthetic")}
