"""What each number means, by the name that it is asked for."""

from __future__ import annotations

from dataclasses import replace

from benchmark.contracts.task import Metric
from tasks import coverage, fidelity, frechet_limit
from tasks.score.choices import order_of, order_text

_PRDC = "Naeem et al. 2020 (arXiv:2002.09797), eq. {}"
_BY_NAME = {metric.name: metric for metric in coverage.METRICS}

_CMMD = Metric(
    name="cmmd-unbiased",
    title="CMMD, unbiased",
    direction="lower",
    bounds=(None, 2000.0),
    unit="1,000 x squared MMD",
    estimand="the population value; unbiased, so an estimate may lie below zero",
    definition="1,000 x unbiased squared MMD of rows at length one, kernel exp(-|x - y|^2 / 200); CMMD only where the "
    "features are CLIP embeddings (ViT-L/14 at 336 pixels)",
    source="Jayasumana et al. 2024 (arXiv:2401.09603), section 4; unbiased after Gretton et al. 2012 (JMLR 13), eq. 3",
    bounded_by=(),
    blind_to="the lengths of the rows; copies of the training set; much beyond the distance of the means",
    comparable_at="any N",
)
_DISTANCE = "median distance of a synthetic row to its nearest training row, exact, in feature units"

_METRICS: dict[str, tuple[Metric, ...]] = {
    "fd": (fidelity.FRECHET,),
    "fd-infinity": (frechet_limit.METRIC,),
    "kd": (fidelity.KERNEL,),
    "kd-subsets": (
        replace(
            fidelity.KERNEL,
            name="kd-subsets",
            title="Kernel distance, reference protocol",
            definition="mean over 100 random subsets of 1,000 rows a side (seed 2020) of the unbiased squared MMD, "
            "kernel (x.y / D + 1)^3",
            comparable_at="equal N",
        ),
    ),
    "pr": (_BY_NAME["precision-k3"], _BY_NAME["recall-k3"]),
    "prdc": (
        replace(
            _BY_NAME["precision-k3"],
            name="precision-k5",
            title="Precision of PRDC (k = 5)",
            definition="share of synthetic rows within a real ball; radius to the 5th neighbour, open balls",
            source=_PRDC.format(1),
        ),
        replace(
            _BY_NAME["recall-k3"],
            name="recall-k5",
            title="Recall of PRDC (k = 5)",
            definition="share of real rows within a synthetic ball; radius to the 5th neighbour, open balls",
            source=_PRDC.format(2),
        ),
        _BY_NAME["density-k5"],
        _BY_NAME["coverage-k5"],
    ),
    "cmmd": (
        _CMMD,
        replace(
            _CMMD,
            name="cmmd-biased",
            title="CMMD, biased as published",
            bounds=(0.0, 2000.0),
            estimand="its expectation at this N; biased upward by an amount that falls with N",
            definition=_CMMD.definition.replace("x unbiased", "x biased"),
            source="Jayasumana et al. 2024 (arXiv:2401.09603), section 4",
            comparable_at="equal N",
        ),
    ),
    "mind": (
        Metric(
            name="mind",
            title="MIND",
            direction="lower",
            bounds=(0.0, None),
            unit="squared feature units",
            estimand="its expectation at this N, for these directions; biased upward by an amount that falls with N",
            definition="3 D x mean squared Wasserstein distance of the projections on 1,000 random directions (seed 0)",
            source="the metric of that name in torch-fidelity 0.5; Bonneel et al. 2015 (J. Math. Imaging Vis. 51)",
            bounded_by=(),
            blind_to="copies of the training set; what no single direction shows much of",
        ),
    ),
    "realism": (
        Metric(
            name="realism-k3-median",
            title="Realism, median (k = 3)",
            direction="higher",
            bounds=(0.0, None),
            unit="radius over distance",
            estimand="its median over synthetic images, for these real ones; it grows with their number",
            definition="median over synthetic rows of the largest radius over distance to a real row; radius to the "
            "3rd neighbour, real rows with a radius not above the median alone",
            source="Kynkäänniemi et al. 2019 (arXiv:1904.06991), eq. 3; the median is ours",
            bounded_by=(),
            blind_to="copies, which score highest; what is missing",
        ),
    ),
    "is": (
        Metric(
            name="is",
            title="Inception score",
            direction="higher",
            bounds=(1.0, None),
            unit="classes",
            estimand="its expectation at this N and number of splits",
            definition="exp of the mean divergence of softmax(logits) from their mean; mean of 10 splits (seed 2020)",
            source="Salimans et al. 2016 (arXiv:1606.03498), section 4; splits as in torch-fidelity",
            bounded_by=(),
            blind_to="real images altogether; anything within a class; the classes are not tissue's",
        ),
    ),
    "nearest": (
        Metric(
            name="nearest-train-median",
            title="Distance to train, median",
            direction="target",
            bounds=(0.0, None),
            unit="feature units",
            estimand="its median over synthetic images, for this training set",
            definition=_DISTANCE,
            source="ours; the distance that AuthPct and C_T are made of",
            bounded_by=(),
            blind_to="copies that were turned, shifted or recolored, unless the features are",
        ),
    ),
    "authpct": (
        Metric(
            name="authpct",
            title="Authenticity (AuthPct)",
            direction="higher",
            bounds=(0.0, 1.0),
            unit="share",
            estimand="its expectation over synthetic images, for this training set",
            definition="share of synthetic rows farther from their nearest training row than that is from its own "
            "nearest",
            source="Alaa et al. 2022 (ICML), section 3.3",
            bounded_by=(),
            blind_to="copies of training images that have a near twin in training; images that are far off read 1",
        ),
    ),
    "ct": (
        Metric(
            name="ct",
            title="Data-copying statistic (C_T)",
            direction="target",
            bounds=(None, None),
            unit="standard errors",
            estimand="its expectation for this training set, its cells and the rows in them; 0 where nothing is copied",
            definition="standardized Mann-Whitney statistic of distances to train, synthetic against held-out; mean "
            "of 3 cells",
            source="Meehan et al. 2020 (AISTATS), sections 2 and 3; 64 components and 3 cells as in dgm-eval",
            bounded_by=(),
            blind_to="copies in cells that no held-out row reaches; it needs held-out images of the training slides",
        ),
    ),
}


def metrics_of(name: str) -> tuple[Metric, ...]:
    """Return what a name of `choices.chosen` measures, in the order of its numbers."""
    order = order_of(name)
    return _METRICS[name] if order is None else _vendi(name, order_text(name))


def _vendi(name: str, order: str) -> tuple[Metric, ...]:
    synthetic = Metric(
        name=name,
        title=f"Vendi score (q = {order})",
        direction="target",
        bounds=(1.0, None),
        unit="images",
        estimand="its expectation at this N; it grows with N",
        definition=f"exp of the Rényi entropy of order {order} of the eigenvalues of K / N, K the cosines of "
        "synthetic rows",
        source="Friedman and Dieng 2023 (TMLR), eq. 1; Pasarkar and Dieng 2024 (AISTATS), eq. 2",
        bounded_by=(),
        blind_to="whether images look like real ones at all: noise is diverse; copies of the training set",
    )
    real = replace(
        synthetic,
        name=f"{name}-real",
        title=f"Vendi score of the real rows (q = {order})",
        direction="reference",
        definition=synthetic.definition.replace("synthetic rows", "real rows"),
    )
    return synthetic, real
