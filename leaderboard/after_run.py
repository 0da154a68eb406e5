"""What a finished run is turned into: its boards as a compact table, and the pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmark.errors import UserError
from benchmark.records.schema import Record
from benchmark.store.store import Store
from leaderboard import site
from leaderboard.rendering import text
from leaderboard.table import boards as tables


def write(store: Path, records: Sequence[Record]) -> str:
    """Write the pages of the store and return what `bench run` prints; a `benchmark.contracts.report.Report`.

    Where the pages cannot be made (another record is damaged, the disk is full) the table still stands, of this
    run's records alone, and the text says why.

    Args:
        store: Folder of the store.
        records: The records of this run.
    """
    ours = {record.board for record in records}
    try:
        written = site.publish(Store.existing(store))
    except UserError as error:
        table = text.of_boards(tables.of(records))
        return f"{table}\n\nThe pages were not written, and the table holds this run alone. {error}"
    table = text.of_boards([board for board in written.boards if board.identifier in ours])
    return f"{table}\n\nPages: {written.index}"
