"""A task's work on real images, shared by all variants."""

from __future__ import annotations

from typing import cast

from benchmark.execution.desk import Desk, make_task
from benchmark.execution.stages import surroundings, task_inputs
from benchmark.plan.steps import TaskConfig


def run(desk: Desk) -> None:
    """Leave in the output folder what the task's `baseline` leaves in ``context.folder``."""
    config = cast(TaskConfig, desk.step.config)
    make_task(config.task).baseline(task_inputs.gather(desk, config), surroundings.of_task(desk, config))
