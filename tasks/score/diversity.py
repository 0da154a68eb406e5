"""What is measured on one set alone: Vendi score and Inception score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tasks.groups import at_random
from tasks.metrics import inception_score, vendi
from tasks.score.definitions import metrics_of
from tasks.score.inputs import Inputs
from tasks.score.qualified import joined, qualified
from tasks.score.scored import Scored

CAUTIONS = {
    "vendi": "in simulations this interval was too wide near the greatest score there can be",
    "is": "in simulations this interval held the truth in 91 to 96 % of trials, not in 95",
}
"""`scripts/measure/score_intervals.py` simulates them."""


def vendi_scores(inputs: Inputs, name: str, order: float) -> Iterator[Scored]:
    """Yield the Vendi score of the synthetic rows, and of the real ones, beside which it is read.

    Args:
        inputs: What it is measured on.
        name: As `choices.chosen` gives it.
        order: The order q.
    """
    for one, role in zip(metrics_of(name), ("synthetic", "real"), strict=True):
        table, smooth = inputs.tables[role], order > 0.0
        metric = replace(one, bounds=(1.0, float(min(table.shape))))
        if inputs.intervals and smooth:
            found = vendi.vendi_replicates(features=table, groups=inputs.groups(role), q=order)
            yield qualified(metric, found, inputs, role, note=CAUTIONS["vendi"])
        else:
            note = None if smooth else "order 0 is a count, and not smooth"
            yield qualified(metric, vendi.vendi_score(features=table, q=order), inputs, role, note=note)


def inception(inputs: Inputs) -> Iterator[Scored]:
    """Yield the Inception score."""
    logits = inputs.tables["synthetic-logits"]
    (metric,) = metrics_of("is")
    plain = inception_score.inception_score(logits=logits)
    spread = f"standard deviation over splits {plain.spread_over_splits:.4g}, which is no standard error"
    caution = CAUTIONS["is"] if inputs.intervals else None
    found = (
        inception_score.inception_score_replicates(logits=logits, groups=at_random(len(logits)))
        if inputs.intervals
        else plain.mean
    )
    scored = qualified(metric, found, inputs, "synthetic-logits", note=joined(spread, caution))
    yield replace(scored, n={"synthetic": len(logits)})
