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
    try:
        return list(files.read_all(store))
    except UserError as error:
        raise UserError(f"{error} Move the file out of the store's 'records' and run its cell again.") from None
