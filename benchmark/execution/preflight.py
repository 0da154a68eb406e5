"""Looks at what is to be run before anything is: classes load, parameters fit, tasks have the labels they need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from benchmark.contracts import generator
from benchmark.contracts.task import Needs
from benchmark.errors import UserError
from benchmark.plan import resolve
from benchmark.plan.steps import FitConfig, PromptsConfig, SampleConfig, Step, TaskConfig
from benchmark.registry import targets
from benchmark.registry.variants import Listed


def check(steps: Sequence[Step]) -> None:
    """Refuse generators whose class does not load or does not take its parameters, or has no labels for a task.

    Raises:
        UserError: At the first one.
    """
    specs = {
        spec.model_dump_json(): spec
        for step in steps
        if isinstance(step.config, FitConfig | SampleConfig)
        for spec in [step.config.generator]
    }
    for step in steps:
        if isinstance(step.config, PromptsConfig):
            builder = step.config.builder
            _check_builder(builder.name, builder.target, builder.folder, builder.params)
    fitted = {step.config.generator.model_dump_json() for step in steps if isinstance(step.config, FitConfig)}
    for key, spec in specs.items():
        _check(spec.name, spec.target, spec.folder, spec.params, fits=key in fitted)
    for step in steps:
        if step.kind == "measure":
            _check_labels(step)


def check_variant(listed: Listed) -> None:
    """Refuse a variant whose class does not load or does not take its parameters; its weights are not looked at.

    Raises:
        UserError: If so.
    """
    variant = listed.variant
    if variant.prompts is not None:
        _check_builder(listed.name, variant.prompts.builder, listed.folder, variant.prompts.params)
    _check(listed.name, variant.generator, listed.folder, variant.params, fits=variant.fits_on is not None)


def _check_builder(name: str, target: str, folder: Path | None, params: dict[str, Any]) -> None:
    factory = _loaded(target, folder, params, where=f"variant '{name}', key 'prompts'")
    if not callable(getattr(factory, "build", None)):
        raise UserError(
            f"variant '{name}', key 'prompts': '{target}' has no method 'build'. See the contract of a prompt builder."
        )


def _check(name: str, target: str, folder: Path | None, params: dict[str, Any], *, fits: bool) -> None:
    where = f"variant '{name}'"
    factory = _loaded(target, folder, params, where=where)
    for method in ("fit", "sample") if fits else ("sample",):
        if not callable(getattr(factory, method, None)):
            raise UserError(f"{where}: '{target}' has no method '{method}'. See the contract of a generator.")


def _loaded(target: str, folder: Path | None, params: dict[str, Any], *, where: str) -> Any:
    factory = targets.load(target, relative_to=folder)
    if not callable(factory):
        raise UserError(f"{where}: '{target}' is no class.")
    resolve.check_params(factory, params, where=where)
    return factory


def _check_labels(measure: Step) -> None:
    """Refuse a task that needs labels, on images that have none."""
    task = cast(TaskConfig, measure.config).task
    needs: Needs = cast(Any, targets.load(task.target)).needs
    if not needs.labels:
        return
    for step in measure.walk():
        if isinstance(step.config, SampleConfig):
            spec = step.config.generator
            if not generator.is_labelled(targets.load(spec.target, relative_to=spec.folder)):
                raise UserError(
                    f"Task '{task.name}' needs the label of each image, and variant '{spec.name}' draws without "
                    "labels. Run it in a suite without this task, or give its images labels."
                )
            return
