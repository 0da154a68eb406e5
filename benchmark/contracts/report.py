"""The contract of a report: what a finished run is turned into."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from benchmark.records.schema import Record


class Report(Protocol):
    """A function that is called with the records of a run when it has ended."""

    def __call__(self, store: Path, records: Sequence[Record]) -> str:
        """Write what there is to write and return what `bench run` prints.

        Args:
            store: Folder of the store.
            records: The records of this run; the store holds those of others.
        """
        ...
