"""Where records lie, how they are written and read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pydantic

from benchmark import atomic
from benchmark.errors import UserError
from benchmark.records.schema import Record


def path_of(store: Path, record: Record) -> Path:
    """Return the file of a record."""
    name = f"seed-{record.seed}-{record.task.name}.json"
    return store / "records" / record.board / record.variant.name / name


def write(store: Path, record: Record) -> Path:
    """Write a record, unless the same result stands there already.

    An unlike record of the same cell (of other code, or a failure since mended) is kept under
    ``records-superseded``.

    Returns:
        The record's file.
    """
    path = path_of(store, record)
    if path.exists():
        before = read(path)
        if before.digest == record.digest:
            return path
        kept = store / "records-superseded" / path.relative_to(store / "records").with_suffix("")
        kept.mkdir(parents=True, exist_ok=True)
        path.rename(kept / f"{before.digest[:12]}.json")
    atomic.write_text(path, record.model_dump_json(indent=2) + "\n")
    return path


def read(path: Path) -> Record:
    """Return a record.

    Raises:
        UserError: If the file is no record of a known schema version.
    """
    try:
        return Record.model_validate_json(path.read_text(encoding="utf-8"), strict=False)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"]))
        raise UserError(f"{path} is no record this version can read: key '{key}': {first['msg']}.") from None


def read_all(store: Path) -> Iterator[Record]:
    """Yield all records of a store, in the order of their paths."""
    for path in sorted((store / "records").rglob("*.json")):
        yield read(path)
