"""Which numbers of a metric may be compared: of one measurement, under one protocol, and of one N where N matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from benchmark import digests
from benchmark.contracts.task import Metric, Value
from benchmark.records.schema import Record
from leaderboard.table.model import Basis


def of(record: Record, value: Value, metric: Metric) -> Basis:
    """Return the basis of a recorded number."""
    return Basis(
        task_version=record.task.version,
        task_digest=digests.of_value(record.task.resolved),
        extractor_version=None if value.extractor is None else record.extractors.get(value.extractor),
        n=() if metric.comparable_at == "any N" else tuple(sorted(value.n.items())),
        protocol=record.protocol.digest,
    )


def choose(found: Iterable[Basis]) -> Basis | None:
    """Return the basis a column compares on: the newest measurement, then the one most numbers share.

    Returns:
        None where there is no number at all.
    """
    counts = Counter(found)
    return max(counts, key=lambda basis: _weight(basis, counts[basis]), default=None)


def unlike(own: Basis, column: Basis) -> str:
    """Return in words why a number does not compare with its column."""
    parts = []
    if own.task_version != column.task_version:
        parts.append(f"task version {own.task_version}, the column's is {column.task_version}")
    if own.extractor_version != column.extractor_version:
        parts.append(f"extractor version {own.extractor_version}, the column's is {column.extractor_version}")
    if own.task_digest != column.task_digest:
        parts.append("other parameters of the task")
    if own.n != column.n:
        parts.append(f"N is {_n(own)}, the column's is {_n(column)}")
    if own.protocol != column.protocol:
        parts.append(f"protocol {own.protocol}, the column's is {column.protocol}")
    return f"not compared: {'; '.join(parts)}"


def _weight(basis: Basis, count: int) -> tuple[int, int, int, int, str, str, str]:
    images = sum(number for _, number in basis.n)
    # The last three only make the choice independent of the order of records.
    return (
        basis.task_version,
        basis.extractor_version or 0,
        count,
        images,
        basis.task_digest,
        str(basis.n),
        basis.protocol,
    )


def _n(basis: Basis) -> str:
    return ", ".join(f"{role} {count}" for role, count in basis.n)
