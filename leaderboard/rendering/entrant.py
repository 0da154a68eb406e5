"""What the page of one row shows: parameters, every value, costs, provenance, failures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from benchmark.records.schema import PromptsEntry, Record, VariantEntry
from leaderboard.rendering import numbers, qualifiers
from leaderboard.table import names
from leaderboard.table.model import Column, Outcome, Row


class Parameter(NamedTuple):
    """One keyword argument of the variant's class."""

    name: str
    value: str
    given: bool
    """Whether the entry gives it; it is a default else."""


class ValueLine(NamedTuple):
    """One recorded value."""

    column: Column
    seed: int
    state: str
    value: str
    interval: str
    how: str
    """The interval's method, the reason why there is none, or the reason why there is no number."""
    n: str
    further: tuple[str, ...]
    """Further numbers that qualify it."""


class Costs(NamedTuple):
    """Wall time by stage."""

    stages: tuple[str, ...]
    lines: tuple[tuple[int, str, tuple[float | None, ...]], ...]
    """Seed, task and seconds by stage."""


class Origin(NamedTuple):
    """One set of surroundings, and the records that come from it."""

    cells: str
    commit: str
    dirty: bool | None
    machine: str
    packages: tuple[tuple[str, str], ...]
    commands: tuple[tuple[str, str, str], ...]
    """Start, end and command of each run."""


_STAGES = ("data", "prompts", "fit", "sample", "embed", "baseline", "measure")


def parameters(row: Row) -> tuple[Parameter, ...]:
    """Return the parameters of a row, those its entry gives first; those of its prompts after its own."""
    if row.entry is None:
        return ()
    own, prompts = _parameters("", row.entry), row.entry.prompts
    return own if prompts is None else (*own, *_parameters("prompts.", prompts))


def _parameters(prefix: str, entry: VariantEntry | PromptsEntry) -> tuple[Parameter, ...]:
    given, resolved = entry.given, entry.resolved
    ordered = [*given, *(name for name in resolved if name not in given)]
    return tuple(Parameter(f"{prefix}{name}", _json({**resolved, **given}[name]), name in given) for name in ordered)


def values(row: Row, columns: Sequence[Column]) -> tuple[ValueLine, ...]:
    """Return every value of every seed of a row."""
    return tuple(
        _line(column, outcome)
        for column, cell in zip(columns, row.cells, strict=True)
        for outcome in cell.outcomes
    )  # fmt: skip


def costs(row: Row) -> Costs:
    """Return what the row's records say of wall time."""
    present = {stage for record in row.records for stage in record.run.wall_s}
    stages = (*(stage for stage in _STAGES if stage in present), *sorted(present - set(_STAGES)))
    lines = tuple(
        (record.seed, record.task.name, tuple(record.run.wall_s.get(stage) for stage in stages))
        for record in row.records
    )
    return Costs(stages, lines)


def provenance(row: Row) -> tuple[Origin, ...]:
    """Return the surroundings of a row's records, each once."""
    groups: dict[str, list[Record]] = {}
    for record in row.records:
        groups.setdefault(record.provenance.model_dump_json(), []).append(record)
    return tuple(_origin(records) for records in groups.values())


def failures(row: Row) -> tuple[tuple[str, str, str], ...]:
    """Return cell, status and error of every record without numbers."""
    return tuple(
        (f"{record.task.name}, seed {record.seed}", record.status, record.error or "the record does not say why")
        for record in row.records
        if record.status != "complete"
    )


def steps(row: Row) -> tuple[tuple[str, str], ...]:
    """Return title and output digest of every step the row stands on, each once."""
    return tuple(dict.fromkeys((step.title, step.digest) for record in row.records for step in record.steps))


def _origin(records: Sequence[Record]) -> Origin:
    known = records[0].provenance
    machine = f"{known.accelerator or known.processor}, {known.system}, Python {known.python}, {known.threads} threads"
    runs = dict.fromkeys((one.run.started[:19], one.run.finished[:19], one.run.command) for one in records)
    return Origin(
        cells="; ".join(f"{record.task.name}, seed {record.seed}" for record in records),
        commit=known.commit or "none recorded",
        dirty=known.dirty,
        machine=machine,
        packages=tuple(known.packages.items()),
        commands=tuple(runs),
    )


def _line(column: Column, outcome: Outcome) -> ValueLine:
    value = outcome.value
    if value is None or outcome.number is None:
        n = "" if value is None else names.n_in_words(value.n, value.slides)
        return ValueLine(column, outcome.seed, outcome.state, outcome.state, "", outcome.reason or "", n, ())
    shown = numbers.shown(outcome.number, value.interval)
    parts = [value.interval.method] if value.interval is not None else []
    parts += [value.note] if value.note else []
    n = names.n_in_words(value.n, value.slides)
    return ValueLine(column, outcome.seed, outcome.state, *shown, "; ".join(parts), n, qualifiers.of(value))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
