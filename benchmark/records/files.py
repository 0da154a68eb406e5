"""Where records lie, how they are written and read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pydantic

from benchmark import atomic, mistakes
from benchmark.errors import UserError
from benchmark.records.schema import NOT_MADE, Record
from benchmark.store import lease


def path_of(store: Path, record: Record) -> Path:
    """Return the file of a record."""
    name = f"seed-{record.seed}-{record.task.name}.json"
    return store / "records" / record.board / record.variant.name / name


def write(store: Path, record: Record) -> Path:
    """Write a record, unless the same result stands there already.

    An unlike record of the same cell (of other code, or a failure since mended) is kept under
    ``records-superseded``. Workers that end at one moment write one after the other.

    Returns:
        The record's file.

    Raises:
        UserError: If what stands in its place is no record.
    """
    with lease.hold(store / "leases" / "records", waiting=lambda: None):
        return _write(store, record)


def _write(store: Path, record: Record) -> Path:
    path = path_of(store, record)
    if path.exists():
        before = _standing(path)
        if before.digest == record.digest:
            return path
        _supersede(store, path, before)
    atomic.write_text(path, record.model_dump_json(indent=2) + "\n")
    if record.dataset.identity.digest != NOT_MADE:
        for stale in _of_no_data(store, record):
            _supersede(store, stale, read(stale))
    return path


def _standing(path: Path) -> Record:
    try:
        return read(path)
    except UserError as error:
        raise UserError(f"{error} Move it out of the store's 'records' and give the same command again.") from None


def _supersede(store: Path, path: Path, record: Record) -> None:
    kept = store / "records-superseded" / path.relative_to(store / "records").with_suffix("")
    kept.mkdir(parents=True, exist_ok=True)
    path.rename(kept / f"{record.digest[:12]}.json")


def _of_no_data(store: Path, record: Record) -> list[Path]:
    """Return where the same cell failed before its dataset was known, and so on a board of its own."""
    identity = replace(record.dataset.identity, digest=NOT_MADE)
    dataset = record.dataset.model_copy(update={"identity": identity})
    path = path_of(store, record.model_copy(update={"dataset": dataset}))
    return [path] if path.exists() else []


def read(path: Path) -> Record:
    """Return a record.

    Raises:
        UserError: If the file is no record of a known schema version.
    """
    try:
        return Record.model_validate_json(path.read_bytes(), strict=False)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from None
    except pydantic.ValidationError as error:
        reason = mistakes.describe(Record, error.errors(include_url=False)[0])
        raise UserError(f"{path} is no record this version can read: {reason}") from None


def read_all(store: Path) -> Iterator[Record]:
    """Yield all records of a store, in the order of their paths."""
    for path in paths(store):
        yield read(path)


def paths(store: Path) -> list[Path]:
    """Return the files of all records of a store, sorted."""
    return sorted((store / "records").rglob("*.json"))
