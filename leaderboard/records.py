"""Reading all records of a store, or naming the one that cannot be read."""

from __future__ import annotations

from pathlib import Path

from benchmark.errors import UserError
from benchmark.records import files
from benchmark.records.schema import Record


def read(store: Path) -> list[Record]:
    """Return all records of a store.

    Args:
        store: Folder of the store.

    Raises:
        UserError: If a file among the records cannot be read as one; the message names it.
    """
    return [_read(path) for path in sorted((store / "records").rglob("*.json"))]


def _read(path: Path) -> Record:
    try:
        record = files.read(path)
        _ = record.digest
    except UserError as error:
        raise UserError(f"{error} {_REMEDY}") from None
    except ValueError:
        raise UserError(f"{path} holds a number that is not finite, which no measurement gives. {_REMEDY}") from None
    return record


_REMEDY = "Move the file out of the store's 'records' and run its cell again."
