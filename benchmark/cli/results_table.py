"""The table that ends a run: one row a cell and metric, each number with its interval and N."""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.cli import table
from benchmark.contracts.task import Value
from benchmark.records.schema import Record


def show(records: list[Record], *, as_json: bool) -> None:
    """Print the values of records."""
    rows = [row for record in records for row in _rows(record)]
    table.show(rows, as_json=as_json)
    if not as_json and records:
        first = records[0]
        limit = f" TRIAL: cut down to {first.suite.limit} images." if first.suite.limit is not None else ""
        print(f"\n{first.suite.identifier} on {first.dataset.identity.name}; {first.protocol.describe()}.{limit}")


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
