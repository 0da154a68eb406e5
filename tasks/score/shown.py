"""Numbers as a table for people, or as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from benchmark.cli import table
from tasks.score.qualified import joined
from tasks.score.scored import Scored


def show(scored: Sequence[Scored], *, as_json: bool) -> None:
    """Print the numbers.

    Args:
        scored: The numbers, those of all rows first.
        as_json: Whether a program is to read them.
    """
    scored = [_numbered(one) for one in scored]
    if as_json:
        table.print_json([_plain(one) for one in scored])
        return
    grouped = any(one.group is not None for one in scored)
    table.show([_row(one, grouped=grouped) for one in scored], as_json=False)
    for note in dict.fromkeys(one.note for one in scored if one.note):
        table.note(f"{', '.join(_names([one for one in scored if one.note == note]))}: {note}")


def _numbered(one: Scored) -> Scored:
    """Return a number itself, or the reason in its place where it is none: JSON knows no infinity and no NaN."""
    if one.value is None or math.isfinite(one.value):
        return one
    note = joined(f"it came out as {one.value}, which is no number", one.note)
    return replace(one, value=None, interval=None, note=note)


def _plain(one: Scored) -> dict[str, object]:
    """Return a number and all that qualifies it, for a program."""
    metric, interval = one.metric, one.interval
    return {
        "metric": metric.name,
        "group": one.group,
        "value": one.value,
        "interval": None
        if interval is None
        else {
            "low": _finite(interval.low), "high": _finite(interval.high), "level": interval.level,
            "method": interval.method,
        },
        "n": one.n,
        "slides": one.slides,
        "direction": metric.direction,
        "definition": metric.definition,
        "source": metric.source,
        "estimand": metric.estimand,
        "comparable_at": metric.comparable_at,
        "blind_to": metric.blind_to,
        "note": one.note,
    }  # fmt: skip


def _row(one: Scored, *, grouped: bool) -> dict[str, object]:
    interval = "none" if one.interval is None else f"[{one.interval.low:.6g}, {one.interval.high:.6g}]"
    row: dict[str, object] = {
        "metric": one.metric.title,
        "value": "none" if one.value is None else f"{one.value:.6g}",
        "95 % interval": interval,
        "N": ", ".join(_count(one, role) for role in one.n),
    }
    return {"group": "all" if one.group is None else one.group, **row} if grouped else row


def _count(one: Scored, role: str) -> str:
    slides = one.slides.get(role)
    return f"{role} {one.n[role]}" + ("" if slides is None else f" of {slides} slide{'s' if slides != 1 else ''}")


def _names(scored: Sequence[Scored]) -> list[str]:
    """Return the names of metrics, with those of groups where the number of all rows is not among them."""
    whole = {one.metric.name for one in scored if one.group is None}
    return list(
        dict.fromkeys(
            one.metric.name if one.metric.name in whole else f"{one.metric.name} of {one.group}" for one in scored
        )
    )


def _finite(value: float) -> float | None:
    """Return a number as JSON has it, which knows no infinity: None for no end."""
    return value if math.isfinite(value) else None
