"""``bench run``: measure the variants of a suite."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.cli import options

app = typer.Typer(rich_markup_mode=None)


@app.command()
def run(
    suite: options.Suites,
    generator: options.Generators = None,
    seed: options.Seeds = None,
    store: options.StoreDir = options.DEFAULT_STORE,
    data_root: options.DataRoot = None,
    device: options.Device = "auto",
    offline: options.Offline = False,
    limit: options.Limit = None,
    registry: options.Registries = None,
    quiet: options.Quiet = False,
    tracking: options.Tracking = True,
    tracking_uri: options.TrackingUri = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Measure the variants of a suite; what is finished already is reused."""
    from benchmark.cli import performing
    from benchmark.session import Choice

    choices = [
        Choice(
            name,
            tuple(generator or ()),
            tuple(seed or ()),
            data_root,
            device,
            limit,
            tuple(registry or ()),
            offline,
            # What would be done is said without fetching gigabytes for it.
            fetches=not dry_run,
        )
        for name in suite
    ]
    code = performing.perform(
        choices, store, quiet=quiet, tracking=tracking, uri=tracking_uri, dry_run=dry_run, as_json=as_json
    )
    raise typer.Exit(int(code))
