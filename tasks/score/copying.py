"""Whether synthetic images are copies, from features of the images that the generator learnt from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scipy import stats

from benchmark.contracts.task import Metric
from benchmark.statistics.arrays import Features
from benchmark.statistics.interval import Interval
from tasks.metrics.authenticity import authenticity
from tasks.metrics.data_copying import data_copying
from tasks.score.scored import Scored

LEVEL = 0.95
"""Nominal coverage."""

AUTHENTICITY = Metric(
    name="authpct",
    title="Authenticity (AuthPct)",
    direction="higher",
    bounds=(0.0, 1.0),
    unit="share",
    estimand="its expectation over synthetic images, for this training set",
    definition="share of synthetic rows farther from their nearest training row than that is from its own nearest",
    source="Alaa et al. 2022 (ICML), section 3.3",
    bounded_by=(),
    blind_to="copies of training images that have a near twin in training; images that are far off read 1",
)
DATA_COPYING = Metric(
    name="ct",
    title="Data-copying statistic (C_T)",
    direction="target",
    bounds=(None, None),
    unit="standard errors",
    estimand="a test statistic: about standard normal a cell where nothing is copied; far below 0 means copying",
    definition="standardized Mann-Whitney statistic of distances to train, synthetic against held-out; mean of 3 cells",
    source="Meehan et al. 2020 (AISTATS), sections 2 and 3; 64 components and 3 cells as in dgm-eval",
    bounded_by=(),
    blind_to="copies in cells that no held-out row reaches; it needs held-out images of the training slides",
)


def copying(
    *, train: Features, holdout: Features | None, synthetic: Features, names: Sequence[str], memory: int
) -> Iterator[Scored]:
    """Yield the metrics asked for.

    Args:
        train: Features of the images the generator learnt from, shape (N, D).
        holdout: Features of real images of the same slides it never saw, shape (H, D), where C_T is asked for.
        synthetic: Features of synthetic images, shape (M, D).
        names: Those of `choices.COPYING` that are asked for.
        memory: Bytes that tiles may take.
    """
    n = {"train": len(train), "synthetic": len(synthetic)}
    if "authpct" in names:
        found = authenticity(train=train, synthetic=synthetic, memory=memory)
        authentic = int(found.authentic.sum())
        ends = stats.binomtest(authentic, len(synthetic)).proportion_ci(LEVEL, method="exact")
        method = "exact binomial (Clopper-Pearson), for this training set"
        interval = Interval(float(ends.low), float(ends.high), LEVEL, method, None)
        yield Scored(AUTHENTICITY, found.share, interval, n, {}, None)
    if "ct" in names and holdout is not None:
        value = data_copying(train=train, holdout=holdout, synthetic=synthetic, memory=memory)
        note = "no interval: the statistic is in standard errors itself"
        yield Scored(DATA_COPYING, value, None, {**n, "holdout": len(holdout)}, {}, note)
