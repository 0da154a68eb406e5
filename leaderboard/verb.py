"""``bench leaderboard``: boards from records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli import options

app = typer.Typer(rich_markup_mode=None)


@app.command()
def leaderboard(
    store: options.StoreDir = options.DEFAULT_STORE,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder for the pages; STORE/leaderboard where left out."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Write the boards of all records: static pages, and each board as Markdown, CSV and JSON."""
    from benchmark.cli import table
    from benchmark.store.store import Store
    from leaderboard import site

    written = site.publish(Store.existing(store, write=out is None), out)
    rows: list[dict[str, object]] = [
        {
            "board": board.title,
            "suite": board.suite.identifier,
            "trial": (board.limit is not None) if as_json else "" if board.limit is None else "trial",
            "records": len(board.records),
            "page": str(written.folder / board.slug / "index.html"),
        }
        for board in written.boards
    ]
    table.show(rows, as_json=as_json)
    table.note(f"All boards: {written.index}")
