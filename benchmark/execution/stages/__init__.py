"""One module a stage: how its output is made from its inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmark.execution.desk import Desk
from benchmark.execution.stages import baseline, data, embed, fit, measure, prompts, sample
from benchmark.plan.steps import Kind

RUN: Mapping[Kind, Callable[[Desk], None]] = {
    "data": data.run,
    "prompts": prompts.run,
    "fit": fit.run,
    "sample": sample.run,
    "embed": embed.run,
    "baseline": baseline.run,
    "measure": measure.run,
}
"""Makes a step's output in ``desk.out``."""

__all__ = ["RUN"]
