"""The columns of a board: what its records measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from benchmark.contracts.task import Metric
from benchmark.records.schema import Record
from leaderboard.table.model import Column


def of(records: Sequence[Record]) -> tuple[Column, ...]:
    """Return the columns of records that share a board.

    Tasks stand in the order in which they were first finished, which is the suite's; metrics in the order their
    task declares them; extractors in the suite's order.
    """
    begun: dict[str, str] = {}
    for record in records:
        begun[record.task.name] = min(record.run.finished, begun.get(record.task.name, record.run.finished))
    tasks = sorted(begun, key=lambda task: (begun[task], task))
    return tuple(column for task in tasks for column in _of_task([one for one in records if one.task.name == task]))


def undeclared(record: Record) -> tuple[str, ...]:
    """Return the keys of values whose metric a record does not describe; no column can be made of them."""
    declared = {metric.name for metric in record.metrics}
    return tuple(value.key for value in record.values if value.metric not in declared)


def _of_task(records: Sequence[Record]) -> Iterator[Column]:
    newest_first = sorted(records, key=lambda record: (record.task.version, record.run.finished), reverse=True)
    metrics: dict[str, Metric] = {}
    for record in newest_first:
        for metric in record.metrics:
            metrics.setdefault(metric.name, metric)
    extractors = list(dict.fromkeys(name for record in newest_first for name in record.extractors))
    most: dict[tuple[str, str | None], int] = {}
    for record in records:
        for found, count in Counter((value.metric, value.extractor) for value in record.values).items():
            most[found] = max(count, most.get(found, 0))
    for metric in metrics.values():
        keys = sorted((key for key in most if key[0] == metric.name), key=lambda key: _position(key[1], extractors))
        for name, extractor in keys or [(metric.name, None)]:
            key = name if extractor is None else f"{name}.{extractor}"
            for occurrence in range(most.get((name, extractor), 1)):
                yield Column(records[0].task.name, key, occurrence, metric, extractor)


def _position(extractor: str | None, extractors: list[str]) -> tuple[int, str]:
    if extractor is None:
        return -1, ""
    return extractors.index(extractor) if extractor in extractors else len(extractors), extractor
