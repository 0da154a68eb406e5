"""The contexts that generators and tasks are given."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmark import seeds
from benchmark.artifacts import prompt_set
from benchmark.contracts.context import Context
from benchmark.contracts.roles import RealRole
from benchmark.contracts.task import TaskContext
from benchmark.execution.desk import Desk
from benchmark.plan.specs import GeneratorSpec, PromptsSpec, WeightsSpec
from benchmark.plan.steps import FitConfig, PromptsConfig, SampleConfig, TaskConfig
from benchmark.suite.schema import RoleEntry


def of_fit(desk: Desk, config: FitConfig) -> Context:
    """Return the context of a fit."""
    return _context(desk, config.generator, folder=desk.out, seed=seeds.derive(config.seed, "fit"), roles={})


def of_prompts(desk: Desk, config: PromptsConfig) -> Context:
    """Return the context of a prompt builder; its seed is the same for all seeds of the user."""
    return _context(desk, config.builder, folder=desk.out, seed=seeds.derive(0, "prompts"), roles={})


def of_sample(desk: Desk, config: SampleConfig) -> Context:
    """Return the context of a shard."""
    folder = desk.inputs["fit"].folder if "fit" in desk.inputs else desk.scratch
    # A stage of its own: "sample" at 0 is the noise of the first image.
    seed = seeds.derive(config.seed, "sample/context")
    return _context(desk, config.generator, folder=folder, seed=seed, roles=config.roles)


def of_task(desk: Desk, config: TaskConfig) -> TaskContext:
    """Return the context of a baseline or a measurement; its seed is the same for all variants."""
    return TaskContext(
        seed=seeds.derive(config.seed, f"task/{config.task.name}"),
        device=desk.toolbox.device,
        folder=desk.out,
        classes=desk.dataset().classes,
        progress=desk.progress,
    )


def _context(
    desk: Desk, spec: GeneratorSpec | PromptsSpec, *, folder: Path, seed: int, roles: Mapping[RealRole, RoleEntry]
) -> Context:
    dataset = desk.dataset()
    return Context(
        seed=seed,
        device=desk.toolbox.device,
        folder=folder,
        scratch=desk.scratch,
        classes=dataset.classes,
        progress=desk.progress,
        log=desk.log,
        picture=desk.picture,
        _images={role: partial(dataset.role, entry) for role, entry in roles.items()},
        _extractors={guide.name: partial(desk.toolbox.extractor, guide) for guide in spec.guided_by},
        _weights={name: partial(desk.toolbox.weights, found, name) for name, found in _weights(spec).items()},
        _prompts=partial(prompt_set.read, desk.inputs["prompts"].folder) if "prompts" in desk.inputs else None,
    )


def _weights(spec: GeneratorSpec | PromptsSpec) -> Mapping[str, WeightsSpec]:
    return spec.weights if isinstance(spec, GeneratorSpec) else {}
