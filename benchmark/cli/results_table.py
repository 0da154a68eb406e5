"""The table that ends a run: one row a cell and metric, each number with its interval and N."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmark import seeds
from benchmark.cli import table
from benchmark.contracts.task import Value
from benchmark.records.schema import Record


def show(records: Sequence[Record]) -> None:
    """Print the values of records as a table."""
    table.show([row for record in records for row in _rows(record)], as_json=False)
    if records:
        first = records[0]
        limit = f" TRIAL: cut down to {first.suite.limit} images." if first.suite.limit is not None else ""
        print(f"\n{first.suite.identifier} on {first.dataset.identity.name}; {first.protocol.describe()}.{limit}")


def show_json(records: Sequence[Record]) -> None:
    """Print the values of records as one JSON list, numbers as numbers, of full precision."""
    table.show([row for record in records for row in _json_rows(record)], as_json=True)


def _json_rows(record: Record) -> Iterator[dict[str, object]]:
    head: dict[str, object] = {
        "suite": record.suite.identifier,
        "limit": record.suite.limit,
        "generator": record.variant.name,
        "seed": record.seed,
        "seed_kind": seeds.kind_of(record.seed),
        "protocol": record.protocol.describe(),
        "task": record.task.name,
        "status": record.status,
    }
    if record.status != "complete":
        yield {**head, "error": record.error}
    for value in record.values:
        interval = value.interval
        yield {
            **head,
            "metric": value.key,
            "value": value.value,
            "low": None if interval is None else interval.low,
            "high": None if interval is None else interval.high,
            "level": None if interval is None else interval.level,
            "method": None if interval is None else interval.method,
            "n": dict(value.n),
            "refused": value.refused,
            "note": value.note,
        }


def _rows(record: Record) -> Iterator[dict[str, object]]:
    head: dict[str, object] = {"generator": record.variant.name, "seed": record.seed}
    if record.status != "complete":
        yield {
            **head,
            "metric": record.task.name,
            "value": record.status,
            "95% interval": record.error,
            "N": "",
        }
    for value in record.values:
        yield {
            **head,
            "metric": value.key,
            "value": _number(value),
            "95% interval": _interval(value),
            "N": _n(value),
        }


def _number(value: Value) -> str:
    return "refused" if value.value is None else f"{value.value:.4g}"


def _interval(value: Value) -> str:
    if value.refused is not None:
        return value.refused
    interval = value.interval
    return "none" if interval is None else f"{interval.low:.4g} to {interval.high:.4g}"


def _n(value: Value) -> str:
    return ", ".join(f"{role} {count}" for role, count in value.n.items())
