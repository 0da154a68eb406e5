"""A task's measurement of one variant."""

from __future__ import annotations

import math
from typing import cast

from benchmark.artifacts import values
from benchmark.contracts.task import Task, Value
from benchmark.execution.desk import Desk, make_task
from benchmark.execution.failures import ContractFault
from benchmark.execution.stages import surroundings, task_inputs
from benchmark.plan.steps import TaskConfig


def run(desk: Desk) -> None:
    """Write the task's values, after checking that each is declared and qualified."""
    config = cast(TaskConfig, desk.step.config)
    task = make_task(config.task)
    measured = task.measure(task_inputs.gather(desk, config), surroundings.of_task(desk, config))
    _check(task, measured)
    values.write(desk.out, measured)


def _check(task: Task, measured: list[Value]) -> None:
    declared = {metric.name for metric in task.metrics}
    for value in measured:
        if value.metric not in declared:
            raise ContractFault(f"'{value.metric}' is not among the task's declared metrics.")
        if (value.value is None) == (value.refused is None):
            raise ContractFault(f"'{value.key}' needs either a number or the reason why there is none.")
        if value.value is not None and not math.isfinite(value.value):
            raise ContractFault(f"'{value.key}' is {value.value}. A number must be finite, or refused.")
        if value.value is not None and value.interval is None and value.note is None:
            raise ContractFault(f"'{value.key}' has neither an interval nor a note that says why not.")
        ends = () if value.interval is None else (value.interval.low, value.interval.high)
        if not all(map(math.isfinite, (*ends, *value.samples.values()))):
            raise ContractFault(f"'{value.key}' is qualified by a number that is not finite.")
        if not value.n:
            raise ContractFault(f"'{value.key}' comes without its N.")
    missing = declared - {value.metric for value in measured}
    if missing or not measured:
        raise ContractFault(f"declared but not measured: {', '.join(sorted(missing)) or '(nothing declared)'}.")
