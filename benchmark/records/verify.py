"""Whether records say what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pydantic

from benchmark.artifacts import values
from benchmark.errors import UserError
from benchmark.records import files
from benchmark.records.schema import Record
from benchmark.store.store import Store


def unsound(store: Store) -> Iterator[tuple[Path, str]]:
    """Yield file and problem of every record that cannot be read, or whose values are not those of its measurement.

    A record whose measurement the store no longer holds is taken at its word.
    """
    for path in files.paths(store.root):
        try:
            record = files.read(path)
        except UserError as error:
            yield path, str(error)
            continue
        if problem := _problem(store, record):
            yield path, problem


def _problem(store: Store, record: Record) -> str | None:
    measured = [step.key for step in record.steps if step.kind == "measure" and store.has("measure", step.key)]
    if record.status != "complete" or len(measured) != 1:
        return None
    try:
        found = values.read(store.folder_of("measure", measured[0]))
    except (OSError, pydantic.ValidationError):
        return None  # A damaged step, which is told as such.
    if list(record.values) == found:
        return None
    unlike = [one.key for one in record.values if one not in found] or ["some"]
    return f"not what was measured: {', '.join(unlike)}"
