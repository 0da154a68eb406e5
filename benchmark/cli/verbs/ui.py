"""``bench ui``: MLflow's pages on the results of a store."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.cli import options

app = typer.Typer(rich_markup_mode=None)


@app.command()
def ui(
    store: options.StoreDir = options.DEFAULT_STORE,
    port: Annotated[int, typer.Option("--port", envvar="BENCH_PORT", min=1, max=65535, help="Port.")] = 5000,
    host: Annotated[str, typer.Option("--host", envvar="BENCH_HOST", help="Address to listen on.")] = "127.0.0.1",
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Show the tracked results of a store in MLflow's pages."""
    from benchmark.cli import table
    from benchmark.errors import UserError
    from benchmark.store.store import Store
    from benchmark.tracking import target
    from benchmark.tracking import ui as pages

    root = Store.existing(store).root
    place = target.resolve(root, tracking_uri)
    if place.is_server:
        print(f"Results are tracked on the server {place.shown}, by {place.named_by}. Open it in a browser.")
        return
    if place.database is not None and not place.database.exists():
        raise UserError(f"{place.database} does not exist: nothing is tracked yet. Run: {place.command()}")
    raise typer.Exit(pages.serve(place, host=host, port=port, say=table.note))
