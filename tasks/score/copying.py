"""Whether synthetic images are copies, from features of the images that the generator learnt from."""

from __future__ import annotations

from collections.abc import Iterator

from scipy import stats

from benchmark.statistics.interval import Interval, around
from benchmark.statistics.quantiles import two_sided_quantile
from tasks.metrics.authenticity import authenticity
from tasks.metrics.data_copying import FEWEST, DataCopying, data_copying
from tasks.score.definitions import metrics_of
from tasks.score.inputs import Inputs
from tasks.score.qualified import NOT_ASKED
from tasks.score.scored import Scored

LEVEL = 0.95
"""Nominal coverage."""


def authentic(inputs: Inputs) -> Iterator[Scored]:
    """Yield AuthPct, with every synthetic row's own answer."""
    (metric,), train, synthetic = metrics_of("authpct"), inputs.tables["train"], inputs.synthetic
    found = authenticity(train=train, synthetic=synthetic)
    interval = None
    if inputs.intervals:
        ends = stats.binomtest(int(found.authentic.sum()), len(synthetic)).proportion_ci(LEVEL, method="exact")
        method = "exact binomial (Clopper-Pearson), for this training set"
        interval = Interval(float(ends.low), float(ends.high), LEVEL, method, None)
    images = {
        "authentic": found.authentic.astype(int), "nearest_train_row": found.nearest_train,
        "distance_to_train": found.distances,
    }  # fmt: skip
    note = None if interval else NOT_ASKED
    yield Scored(metric, found.share, interval, inputs.n("train", "synthetic"), {}, note, images=images)


def copied(inputs: Inputs) -> Iterator[Scored]:
    """Yield C_T."""
    (metric,), tables = metrics_of("ct"), inputs.tables
    found = data_copying(train=tables["train"], holdout=tables["holdout"], synthetic=inputs.synthetic)
    interval = _interval(found) if inputs.intervals else None
    reason = f"no interval: a cell holds fewer than {FEWEST} synthetic or held-out rows, or its distances do not vary"
    note = None if interval else reason if inputs.intervals else NOT_ASKED
    yield Scored(metric, found.statistic, interval, inputs.n("train", "synthetic", "holdout"), {}, note)


def _interval(found: DataCopying) -> Interval | None:
    """Return the interval about C_T, or None where its standard error is not known or 0."""
    if not found.standard_error:
        return None
    half = two_sided_quantile(LEVEL, None) * found.standard_error
    method = "DeLong by cell, for this training set and its cells"
    return around(found.statistic, half, level=LEVEL, method=method, df=None)
