"""FD-infinity as a metric of the task `fidelity`."""

from __future__ import annotations

from benchmark.contracts.task import Features, Metric, Value
from tasks import groups, too_few

METRIC = Metric(
    name="fd-infinity",
    title="Fréchet distance at infinite N",
    direction="lower",
    bounds=(None, None),
    unit="squared feature units",
    estimand="the distance between the populations; where slides are known, of infinitely many slides; near the floor "
    "values shown are selected (see definition) and read too high",
    definition="intercept of the least-squares line in 1/N through FD of all rows and of 3/4, 1/2 and 1/4 (N >= 8 D) "
    "of both sides; unless only marked, refused where N < 4 D, where the line bends, and where extrapolation would "
    "move it by more than half, as for most sets like the real ones: so estimates near 0 and below are not shown, and "
    "of those near the limit only the large ones",
    source="Chong and Forsyth 2020 (arXiv:1911.07023); shrinking both sides is ours",
    bounded_by=("real-holdout", "noise"),
    blind_to="anything beyond mean and covariance; copies of the training set; single bad images",
    comparable_at="any N",
)
FEW_SLIDES = 4
"""Fewest slides for each column that pass without a word."""


def value(extractor: str, real: Features, synthetic: Features, policy: too_few.Policy) -> Value:
    """Return FD-infinity under one extractor, or why there is none.

    Args:
        extractor: Whose features they are.
        real: Features of the reference.
        synthetic: Features of the synthetic images.
        policy: What becomes of a number that is not valid.
    """
    from tasks.metrics import frechet_infinity

    n = {"reference": len(real), "synthetic": len(synthetic)}
    labels = {"real_groups": groups.of_real(real), "synthetic_groups": groups.of_synthetic(synthetic)}
    if (reason := frechet_infinity.too_few_groups(**labels)) is not None:
        return Value(METRIC.name, value=None, n=n, extractor=extractor, refused=reason)
    # A number that would be refused is not fitted first.
    if policy != "mark" and (reason := frechet_infinity.too_few_rows(real=real.values, synthetic=synthetic.values)):
        return Value(METRIC.name, value=None, n=n, extractor=extractor, refused=reason)
    found = frechet_infinity.frechet_infinity(real=real.values, synthetic=synthetic.values, **labels)
    slides = groups.slides(reference=real, synthetic=synthetic)
    notes = (
        # Where all values are shown, none is selected.
        None if policy == "mark" else found.selected(),
        _few_slides(slides, width=real.values.shape[1]),
        groups.note(real),
    )
    measured = Value(
        metric=METRIC.name,
        extractor=extractor,
        value=found.intercept.full,
        interval=found.intercept.interval(),
        n=n,
        slides=slides,
        replicates=found.intercept,
        note="; ".join(filter(None, notes)) or None,
    )
    return too_few.judged(measured, found.invalid(), policy)


def _few_slides(slides: dict[str, int], *, width: int) -> str | None:
    """Return what is to be said where slides are few: if images of a slide are alike, it is slides that count."""
    fewest = min(slides.values(), default=None)
    if fewest is None or fewest >= FEW_SLIDES * width:
        return None
    return f"{fewest} slides are fewer than {FEW_SLIDES} D = {FEW_SLIDES * width}: too high if slides differ much"
