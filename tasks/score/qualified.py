"""From a number and what its interval is made of to what is shown."""

from __future__ import annotations

from dataclasses import replace

from benchmark.contracts.task import Metric
from benchmark.statistics.jackknife import Replicates
from benchmark.statistics.subsampling import Subsamples
from tasks import coverage
from tasks.metrics import enough
from tasks.score.inputs import Inputs
from tasks.score.scored import Scored
from tasks.too_few import Policy

NOT_ASKED = "no interval: none was asked for"
SLIDES_UNKNOWN = "slides unknown: the interval treats real images as independent"


def qualified(
    metric: Metric, found: float | Replicates | Subsamples, inputs: Inputs, *roles: str, note: str | None = None
) -> Scored:
    """Return a number with its interval, N, slides and notes.

    Args:
        metric: What it means.
        found: The number, with what its interval is made of unless none was asked for.
        inputs: What it was measured on.
        *roles: The roles that it was measured on.
        note: A note of its own.
    """
    slides = slides_of(inputs, *roles)
    if isinstance(found, int | float):
        return Scored(metric, float(found), None, inputs.n(*roles), slides, joined(note, NOT_ASKED))
    low, high = metric.bounds
    interval = found.interval(bounds=(float("-inf") if low is None else low, float("inf") if high is None else high))
    notes = (
        note,
        SLIDES_UNKNOWN if "real" in roles and "real" not in inputs.slides else None,
        coverage.CAUTION if isinstance(found, Subsamples) else None,
        None if interval is not None else "no interval: nothing varies",
    )
    return Scored(metric, found.full, interval, inputs.n(*roles), slides, joined(*notes))


def slides_of(inputs: Inputs, *roles: str) -> dict[str, int]:
    """Return the number of slides by role, where they are known."""
    return {role: len(set(inputs.slides[role])) for role in roles if role in inputs.slides}


def judged(one: Scored, reason: str | None, policy: Policy) -> Scored:
    """Return a number as it is to be shown: with what speaks against it in its note, or that in its place.

    Args:
        one: The number.
        reason: What speaks against it, or None.
        policy: Whether to mark or to refuse it; what is usual is up to the metric.
    """
    if reason is None or one.value is None or reason in (one.note or ""):
        return one
    if policy == "refuse" or (policy == "usual" and enough.RULES[one.metric.name].refused):
        return replace(one, value=None, interval=None, note=reason)
    return replace(one, note=joined(reason, one.note))


def joined(*notes: str | None) -> str | None:
    """Return notes in one line, or None where there is none."""
    return "; ".join(filter(None, notes)) or None
