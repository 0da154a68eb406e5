"""What becomes of a number that too few images, or another test of validity, speak against."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from benchmark.contracts.task import Features, Value
from tasks.metrics import enough

Policy = Literal["usual", "mark", "refuse"]
"""What a suite asks for: the number with a note, the reason in place of the number, or what is usual for the metric."""


def shortfall(metric: str, *, real: Features, synthetic: Features) -> str | None:
    """Return why there are too few images for a metric, or None where there are enough."""
    n = {"reference": len(real), "synthetic": len(synthetic)}
    return enough.shortfall(metric, n=n, width=real.values.shape[1])


def judged(value: Value, reason: str | None, policy: Policy) -> Value:
    """Return a value as it is to be reported.

    Args:
        value: The value, with a number.
        reason: What speaks against it, or None.
        policy: What the suite asks for.

    Returns:
        The value itself where nothing speaks against it; else with the reason first in its note, or without its number.
    """
    if reason is None:
        return value
    if policy == "refuse" or (policy == "usual" and enough.RULES[value.metric].refused):
        return Value(value.metric, value=None, n=value.n, extractor=value.extractor, refused=reason)
    return replace(value, note="; ".join(filter(None, (reason, value.note))))
