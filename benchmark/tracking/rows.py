"""Rows: the records of one variant and seed on one board, which become one run in MLflow."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmark import digests
from benchmark.errors import UserError
from benchmark.records import files
from benchmark.records.schema import Record


@dataclass(frozen=True)
class Row:
    """Records of one variant, one seed and one board, at most one a task, sorted by task."""

    records: tuple[Record, ...]

    @property
    def head(self) -> Record:
        """Return a record that speaks for what all have in common."""
        return self.records[0]

    @cached_property
    def key(self) -> str:
        """Return the digest of what the records have in common."""
        return digests.of_value([self.head.board, self.head.seed, _variant(self.head)])

    @cached_property
    def digests(self) -> dict[str, str]:
        """Return the digest of each record, by task."""
        return {record.task.name: record.digest for record in self.records}

    @property
    def title(self) -> str:
        """Return what people call it."""
        return f"{self.head.variant.name}, seed {self.head.seed}"


def of(records: Iterable[Record]) -> list[Row]:
    """Return the rows that records make up, in the order of each row's first record.

    A variant whose entry was changed is another row, even where it kept its name.
    """
    grouped: dict[str, list[Record]] = {}
    for record in records:
        grouped.setdefault(Row((record,)).key, []).append(record)
    return [Row(tuple(sorted(group, key=lambda record: record.task.name))) for group in grouped.values()]


def around(path: Path) -> Row | None:
    """Return the row that the record in a file belongs to, or None if the file is gone."""
    # A record of an unlike result is moved away before its successor takes the place.
    try:
        record = files.read(path)
    except UserError:
        if path.exists():
            raise
        return None
    beside = []
    for other in sorted(path.parent.glob(f"seed-{record.seed}-*.json")):
        with contextlib.suppress(UserError):
            beside.append(files.read(other))
    return next((row for row in of(beside) if record.digest in row.digests.values()), Row((record,)))


def readable(store: Path) -> Iterator[tuple[Path, Record | Exception]]:
    """Yield every record file of a store with its record, or with the reason why it cannot be read."""
    for path in sorted((store / "records").rglob("*.json")):
        try:
            yield path, files.read(path)
        except Exception as error:
            yield path, error


def _variant(record: Record) -> object:
    return record.variant.model_dump(mode="json", exclude={"summary", "origin"})
