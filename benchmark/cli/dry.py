"""What a run would do: steps to make and to reuse, disk, time where it is known."""

from __future__ import annotations

from collections import defaultdict
from typing import get_args

from benchmark.plan.planner import Plan
from benchmark.plan.steps import Kind, Step
from benchmark.store import throughput
from benchmark.store.space import in_words
from benchmark.store.store import Store


def rows(plan: Plan, store: Store) -> list[dict[str, object]]:
    """Return one row a stage of a plan.

    Time is estimated only from steps of the same stage that were measured on this device with the same class and
    parameters; where there is none it says ``unknown``.
    """
    stages: dict[Kind, list[Step]] = defaultdict(list)
    for step in plan.steps:
        stages[step.kind].append(step)
    measured = throughput.Throughput(store)
    return [_row(plan, kind, steps, store, measured) for kind, steps in sorted(stages.items(), key=_order)]


def _row(plan: Plan, kind: Kind, steps: list[Step], store: Store, measured: throughput.Throughput) -> dict[str, object]:
    missing = [step for step in steps if not store.has(step.kind, step.key)]
    seconds = [measured.seconds(step) for step in missing]
    known = sum(one for one in seconds if one is not None)
    return {
        "suite": plan.suite.identifier,
        "stage": kind,
        "steps": len(steps),
        "to reuse": len(steps) - len(missing),
        "to do": len(missing),
        "disk": in_words(sum(step.bytes for step in missing)),
        "time": "unknown" if None in seconds else f"{known:.0f} s",
    }


def _order(stage: tuple[Kind, list[Step]]) -> int:
    return get_args(Kind).index(stage[0])
