"""What a run would do: steps to make and to reuse, disk, time where it is known."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, get_args

from benchmark import disk
from benchmark.plan.planner import Plan
from benchmark.plan.steps import Kind, Step
from benchmark.store import throughput
from benchmark.store.store import Store


def rows(plan: Plan, store: Store, *, in_words: bool) -> list[dict[str, object]]:
    """Return one row a stage of a plan.

    Time is estimated only from steps of the same stage that were measured on this device with the same class and
    parameters; where there is none it is not known.

    Args:
        plan: What would be run.
        store: What is there already.
        in_words: Whether disk and time are for people (``1.4 GB``, ``12 s``, ``unknown``) or for a program: bytes,
            seconds, None.
    """
    stages: dict[Kind, list[Step]] = defaultdict(list)
    for step in plan.possible:
        stages[step.kind].append(step)
    measured = throughput.Throughput(store)
    found = [_row(plan, kind, steps, store, measured) for kind, steps in sorted(stages.items(), key=_order)]
    return [_worded(row) for row in found] if in_words else found


def _row(plan: Plan, kind: Kind, steps: list[Step], store: Store, measured: throughput.Throughput) -> dict[str, Any]:
    missing = [step for step in steps if not store.has(step.kind, step.key)]
    seconds = [measured.seconds(step) for step in missing]
    known = [one for one in seconds if one is not None]
    return {
        "suite": plan.suite.identifier,
        "stage": kind,
        "steps": len(steps),
        "reuse": len(steps) - len(missing),
        "make": len(missing),
        "disk": sum(step.bytes for step in missing),
        "time": sum(known) if len(known) == len(seconds) else None,
    }


def _worded(row: dict[str, Any]) -> dict[str, object]:
    time = "unknown" if row["time"] is None else f"{row['time']:.0f} s"
    return {**row, "disk": disk.in_words(row["disk"]), "time": time}


def _order(stage: tuple[Kind, list[Step]]) -> int:
    return get_args(Kind).index(stage[0])
