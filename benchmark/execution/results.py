"""From finished steps to a record."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from benchmark import digests, provenance, threads
from benchmark.artifacts import dataset_index, packed_index, values
from benchmark.contracts.dataset import Identity
from benchmark.contracts.task import Value
from benchmark.events.log import now
from benchmark.execution import failures
from benchmark.plan.planner import Cell, Plan
from benchmark.plan.steps import PromptsConfig, Step
from benchmark.records.schema import (
    NOT_MADE,
    DatasetEntry,
    PromptsEntry,
    Record,
    ReferenceEntry,
    Run,
    StepEntry,
    SuiteEntry,
    TaskEntry,
    VariantEntry,
)
from benchmark.registry import discovery, targets
from benchmark.store.store import Result


@dataclass(frozen=True)
class Invocation:
    """One call of ``bench run``."""

    name: str
    """Time and a random part; names the event log."""
    command: str
    """The command line."""
    started: str
    limit: int | None
    """`--limit`, where it was given."""
    device: str

    def describe(self) -> dict[str, Any]:
        """Return it as a JSON value."""
        return dict(self.__dict__)


def complete(cell: Cell, plan: Plan, obtained: Mapping[str, Result], invocation: Invocation) -> Record:
    """Return the record of a measured cell."""
    measured = values.read(obtained[cell.measure.key].folder)
    return _record(cell, plan, obtained, invocation, measured, error=None)


def failed(
    cell: Cell,
    plan: Plan,
    obtained: Mapping[str, Result],
    invocation: Invocation,
    step: Step,
    cause: Exception,
) -> Record:
    """Return the record of a cell that has no numbers, with the reason."""
    text = f"{step.title}: {failures.describe(cause)}"
    return _record(cell, plan, obtained, invocation, [], error=text, cause=cause)


def _record(
    cell: Cell,
    plan: Plan,
    obtained: Mapping[str, Result],
    invocation: Invocation,
    measured: list[Value],
    *,
    error: str | None,
    cause: Exception | None = None,
) -> Record:
    steps = {step.key: step for step in cell.measure.walk() if step.key in obtained}
    measure = obtained.get(cell.measure.key)
    surroundings = (
        measure.manifest.run.provenance
        if measure is not None
        else provenance.collect(device=invocation.device, threads=threads.count())
    )
    return Record(
        status="complete" if cause is None else failures.status_of(cause),
        error=error,
        suite=_suite(plan, invocation),
        dataset=_dataset(plan, obtained),
        variant=_variant(cell),
        task=_task(cell, plan),
        seed=cell.seed,
        n_synthetic=plan.suite.n,
        protocol=plan.suite.protocol,
        extractors={spec.name: spec.version for spec in plan.extractors},
        metrics=discovery.tasks().load(cell.task).metrics,
        values=tuple(measured),
        device=invocation.device,
        steps=tuple(_step(step, obtained[key]) for key, step in steps.items()),
        provenance=surroundings,
        run=_run(invocation, [obtained[key] for key in steps]),
    )


def _suite(plan: Plan, invocation: Invocation) -> SuiteEntry:
    suite = plan.suite
    return SuiteEntry(
        name=suite.name,
        version=suite.version,
        digest=suite.digest,
        identifier=suite.identifier,
        summary=suite.summary,
        limit=invocation.limit,
        variants=suite.variants,
        primary=suite.primary,
    )


def _dataset(plan: Plan, obtained: Mapping[str, Result]) -> DatasetEntry:
    spec = plan.dataset
    data = next((step for step in plan.steps if step.kind == "data"), None)
    reference: ReferenceEntry | None = None
    if data is None or data.key not in obtained:
        identity, codec = Identity(name=spec.name, digest=NOT_MADE, official=False), "unknown"
    else:
        identity, codec = dataset_index.read_identity(obtained[data.key].folder)
        if spec.reference is not None:
            reference = ReferenceEntry(**packed_index.read_about(obtained[data.key].folder))
    return DatasetEntry(
        name=spec.name,
        params=spec.params,
        identity=identity,
        codec=codec,
        roles=plan.suite.roles,
        reference=reference,
    )


def _variant(cell: Cell) -> VariantEntry:
    listed, spec = cell.variant, cell.generator
    entry = listed.variant
    return VariantEntry(
        name=listed.name,
        kind=entry.kind,
        summary=entry.summary,
        origin=listed.origin,
        generator=entry.generator,
        version=entry.version,
        source=spec.source,
        fits_on=entry.fits_on,
        reads=entry.reads,
        guided_by=entry.guides,
        prompts=_prompts(cell),
        weights={name: weights.digest for name, weights in spec.weights.items()},
        given=entry.params,
        resolved=_resolved(targets.load(spec.target, relative_to=spec.folder), entry.params),
        labels=entry.labels,
    )


def _prompts(cell: Cell) -> PromptsEntry | None:
    if cell.prompts is None:
        return None
    spec = cast(PromptsConfig, cell.prompts.config).builder
    return PromptsEntry(
        builder=spec.target,
        version=spec.version,
        source=spec.source,
        guided_by=tuple(guide.name for guide in spec.guided_by),
        given=spec.params,
        resolved=_resolved(targets.load(spec.target, relative_to=spec.folder), spec.params),
    )


def _task(cell: Cell, plan: Plan) -> TaskEntry:
    loaded, given = discovery.tasks().load(cell.task), plan.suite.tasks[cell.task]
    return TaskEntry(name=cell.task, version=loaded.version, given=given, resolved=_resolved(loaded, given))


def _resolved(factory: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Return all keyword arguments of a class, defaults filled in."""
    known = inspect.signature(factory).parameters.values()
    made = {
        one.name: one.default_factory()
        for one in (dataclasses.fields(factory) if dataclasses.is_dataclass(factory) else ())
        if one.default_factory is not dataclasses.MISSING
    }
    defaults = {one.name: _json(made.get(one.name, one.default)) for one in known if one.default is not one.empty}
    return {**defaults, **given}


def _json(default: Any) -> Any:
    """Return a default as a JSON value; of what JSON cannot hold, such as a factory, the name alone."""
    try:
        digests.of_value(default)
    except (TypeError, ValueError):
        return str(getattr(default, "__qualname__", None) or type(default).__qualname__)
    return default


def _step(step: Step, result: Result) -> StepEntry:
    return StepEntry(kind=step.kind, title=step.title, key=step.key, digest=result.manifest.digest)


def _run(invocation: Invocation, used: list[Result]) -> Run:
    wall: dict[str, float] = {}
    for result in used:
        kind = result.manifest.kind
        wall[kind] = wall.get(kind, 0.0) + result.manifest.run.wall_s
    return Run(
        invocation=invocation.name,
        command=invocation.command,
        started=invocation.started,
        finished=now(),
        wall_s={kind: round(seconds, 3) for kind, seconds in wall.items()},
    )
