"""What MLflow is told of a row: parameters, metrics and tags, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from benchmark import seeds
from benchmark.contracts.task import Value
from benchmark.records.schema import Record
from benchmark.tracking import limits
from benchmark.tracking.journal import Course, Journal, Point, milliseconds
from benchmark.tracking.rows import Row

CURVES = "train/"
"""Begins the keys of training curves, so that MLflow draws them in a section of their own."""
RECORD = "record."
"""Begins the tags that hold the digest of each record, by task."""

_NOTE = (
    "One run a variant and seed, below the call of `bench run` that made it; to see them as one list, search for "
    "`tags.kind != 'invocation'`. The tags of the experiment tell of the row that was sent last; rows compare only "
    "where their tags `suite` (name, version, conditions), `dataset.digest` and `device` are equal. "
    "Research use only: nothing here proves privacy or clinical fitness."
)
_STAGES_OF_ROW = ("data", "prompts", "fit", "sample")
_OWN_STEPS = ("fit", "sample", "measure")
"""Stages of steps that a row does not share with others."""


@dataclass
class Payload:
    """A row, ready to be sent."""

    name: str
    status: Literal["FINISHED", "FAILED"]
    started: int
    """Milliseconds since 1970."""
    ended: int
    """Milliseconds since 1970."""
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    curves: list[Point] = field(default_factory=list)


def of(row: Row, journal: Journal) -> Payload:
    """Return what MLflow is told of a row."""
    head, records = row.head, row.records
    sound = all(record.status == "complete" for record in records)
    trial = "" if head.suite.limit is None else " (TRIAL)"
    payload = Payload(
        name=f"{row.title}{trial}",
        status="FINISHED" if sound else "FAILED",
        started=min(_started(record, journal.course(record.run.invocation)) for record in records),
        ended=max(milliseconds(record.run.finished) for record in records),
        params=dict(_params(row)),
        metrics=dict(_metrics(row)),
        tags={limits.key(name): limits.tag(text) for name, text in _tags(row)},
    )
    for key in fit_keys(row, journal):
        payload.curves += [point._replace(name=limits.key(CURVES + point.name)) for point in journal.curve(key)]
    return payload


def experiment_tags(row: Row) -> dict[str, str]:
    """Return what the experiment of a row's suite says of the last row that was sent."""
    head = row.head
    return {
        # Opens MLflow's pages for training rather than those for language models.
        "mlflow.experimentKind": "custom_model_development",
        "mlflow.note.content": f"{head.suite.summary}\n\n{_NOTE}",
        "suite.version": str(head.suite.version),
        "suite.conditions": head.suite.identifier.rsplit("-", 1)[-1],
        "suite.identifier": head.suite.identifier,
        "dataset": head.dataset.identity.name,
        "dataset.digest": head.dataset.identity.digest,
    }


def naming(row: Row) -> Callable[[Record, Value], str]:
    """Return how the metrics of a row are named: ``fd.EXTRACTOR``, after its task where two tasks share the name."""
    owners: dict[str, set[str]] = {}
    for record in row.records:
        for value in record.values:
            owners.setdefault(value.key, set()).add(record.task.name)

    def name(record: Record, value: Value) -> str:
        return limits.key(value.key if len(owners[value.key]) == 1 else f"{record.task.name}.{value.key}")

    return name


def _params(row: Row) -> Iterator[tuple[str, str]]:
    head, name = row.head, naming(row)
    yield "variant", head.variant.name
    yield "seed", str(head.seed)
    yield "n_synthetic", str(head.n_synthetic)
    yield "generator", limits.param(head.variant.generator)
    yield from limits.flatten(head.variant.given, "given")
    yield from limits.flatten(head.variant.resolved, "resolved")
    if head.variant.prompts is not None:
        yield from limits.flatten(head.variant.prompts.resolved, "prompts")
    for record in row.records:
        yield from limits.flatten(record.task.given, f"{record.task.name}.given")
        yield from limits.flatten(record.task.resolved, f"{record.task.name}.resolved")
        for value in record.values:
            yield limits.key(f"n.{name(record, value)}"), ", ".join(f"{role} {n}" for role, n in value.n.items())


def _metrics(row: Row) -> Iterator[tuple[str, float]]:
    name = naming(row)
    for record in row.records:
        for value in record.values:
            yield from _numbers(name(record, value), value)
        for stage, seconds in record.run.wall_s.items():
            place = stage if stage in _STAGES_OF_ROW else f"{record.task.name}.{stage}"
            yield limits.key(f"wall_s/{place}"), seconds


def _numbers(name: str, value: Value) -> Iterator[tuple[str, float]]:
    bounds = {} if value.interval is None else {"low": value.interval.low, "high": value.interval.high}
    if value.value is not None:
        yield name, value.value
    for part, number in {**value.samples, **bounds}.items():
        yield limits.key(f"{name}.{part}"), float(number)


def _tags(row: Row) -> Iterator[tuple[str, str]]:
    head, name = row.head, naming(row)
    yield "variant", head.variant.name
    yield "seed", str(head.seed)
    yield "seed.kind", seeds.kind_of(head.seed)
    yield "kind", head.variant.kind
    yield "status", next((record.status for record in row.records if record.status != "complete"), "complete")
    yield "suite", head.suite.identifier
    yield "protocol", head.protocol.describe()
    yield "protocol.digest", head.protocol.digest
    yield "protocol.rules", head.protocol.rules()
    yield "dataset", head.dataset.identity.name
    yield "dataset.digest", head.dataset.identity.digest
    yield "device", head.device
    yield "commit", _joined({record.provenance.commit or "unknown" for record in row.records})
    if head.dataset.reference is not None:
        yield "reference", head.dataset.reference.digest
    yield "dirty", _joined({_yes(record.provenance.dirty) for record in row.records})
    yield "invocation", _joined({record.run.invocation for record in row.records})
    if head.suite.limit is not None:
        yield "trial", f"TRIAL: cut down to {head.suite.limit} images"
    yield "mlflow.note.content", _description(head)
    yield "mlflow.source.name", head.variant.generator
    if head.provenance.commit is not None:
        yield "mlflow.source.git.commit", head.provenance.commit
    for record in row.records:
        yield f"{RECORD}{record.task.name}", record.digest
        if record.error is not None:
            yield f"error.{record.task.name}", record.error
        for value in record.values:
            yield from _remarks(name(record, value), value)


def _remarks(name: str, value: Value) -> Iterator[tuple[str, str]]:
    if value.interval is not None:
        found = value.interval
        yield f"interval.{name}", f"{found.level:.0%}, {found.low:.6g} to {found.high:.6g}, {found.method}"
    if value.refused is not None:
        yield f"refused.{name}", value.refused
    if value.note is not None:
        yield f"note.{name}", value.note


def _description(head: Record) -> str:
    trial = "" if head.suite.limit is None else f" **TRIAL: cut down to {head.suite.limit} images.**"
    return (
        f"{head.variant.summary}{trial}\n\nSuite {head.suite.identifier} on {head.dataset.identity.name}; "
        f"{head.protocol.describe()}; {head.n_synthetic} synthetic images. Numbers compare only within one suite "
        "identifier, dataset digest and device. Research use only."
    )


def _started(record: Record, course: Course) -> int:
    """Return when the first of a record's own steps was started in its invocation."""
    own = [step.key for step in record.steps if step.kind in _OWN_STEPS]
    times = [course.steps[key] for key in own if key in course.steps]
    return min(times, default=milliseconds(record.run.started))


def fit_keys(row: Row, journal: Journal) -> list[str]:
    """Return the keys of the fits that the records of a row stand on, failed ones included."""
    return sorted({key for record in row.records for key in _fit_keys(record, journal)})


def _fit_keys(record: Record, journal: Journal) -> Iterator[str]:
    """Yield the keys of the fit a record stands on, the failed one included."""
    yield from (step.key for step in record.steps if step.kind == "fit")
    for title, key in journal.course(record.run.invocation).failures.items():
        if record.error is not None and record.error.startswith(f"{title}: "):
            yield key


def _joined(texts: set[str]) -> str:
    return ", ".join(sorted(texts))


def _yes(flag: bool | None) -> str:
    return "unknown" if flag is None else str(flag).lower()
