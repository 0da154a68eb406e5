"""Let a generator learn from real images."""

from __future__ import annotations

from typing import cast

from benchmark.execution.desk import Desk
from benchmark.execution.stages import surroundings
from benchmark.plan.steps import FitConfig


def run(desk: Desk) -> None:
    """Leave in the output folder what the generator's `fit` leaves in ``context.folder``."""
    config = cast(FitConfig, desk.step.config)
    train = desk.dataset().role(config.on)
    context = surroundings.of_fit(desk, config)
    desk.toolbox.generator(config.generator, state="fitting").fit(train, context)
