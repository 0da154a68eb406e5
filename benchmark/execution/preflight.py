"""Looks at what is to be run before anything is: classes load, parameters fit."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.errors import UserError
from benchmark.plan import resolve
from benchmark.plan.steps import FitConfig, SampleConfig, Step
from benchmark.registry import targets


def check(steps: Sequence[Step]) -> None:
    """Refuse generators whose class does not load or does not take its parameters.

    Raises:
        UserError: At the first one.
    """
    specs = {
        spec.model_dump_json(): spec
        for step in steps
        if isinstance(step.config, FitConfig | SampleConfig)
        for spec in [step.config.generator]
    }
    fitted = {step.config.generator.model_dump_json() for step in steps if isinstance(step.config, FitConfig)}
    for key, spec in specs.items():
        factory = targets.load(spec.target, relative_to=spec.folder)
        where = f"variant '{spec.name}'"
        if not callable(factory):
            raise UserError(f"{where}: '{spec.target}' is no class.")
        resolve.check_params(factory, spec.params, where=where)
        for method in ("fit", "sample") if key in fitted else ("sample",):
            if not callable(getattr(factory, method, None)):
                raise UserError(f"{where}: '{spec.target}' has no method '{method}'. See the contract of a generator.")
