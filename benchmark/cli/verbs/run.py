"""``bench run``: measure the variants of a suite."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.cli import options
from benchmark.errors import UserError

app = typer.Typer(rich_markup_mode=None)


@app.command()
def run(
    suite: options.Suites,
    generator: options.Generators = None,
    seed: options.Seeds = None,
    store: options.StoreDir = options.DEFAULT_STORE,
    data_root: options.DataRoot = None,
    reference: options.Reference = None,
    device: options.Device = "auto",
    offline: options.Offline = False,
    limit: options.Limit = None,
    registry: options.Registries = None,
    quiet: options.Quiet = False,
    tracking: options.Tracking = True,
    tracking_uri: options.TrackingUri = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    pace: Annotated[
        list[str] | None,
        typer.Option(
            "--pace",
            metavar="STAGE=SECONDS",
            help="With --dry-run: what an optimizer step (fit), a sampling step of an image (sample) or an image "
            "(prompts, embed) takes on your machine, where nothing like it was measured. Repeatable.",
        ),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Measure the variants of a suite; what is finished already is reused."""
    from benchmark.cli import dry, performing
    from benchmark.session import Choice

    paces = dry.paces(pace or ())
    if paces and not dry_run:
        raise UserError("--pace is for --dry-run: give both, or neither.")
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
            to_run=not dry_run,
            store=store,
            reference=reference,
        )
        for name in suite
    ]
    code = performing.perform(
        choices, store, quiet=quiet, tracking=tracking, uri=tracking_uri, dry_run=dry_run, as_json=as_json, paces=paces
    )
    raise typer.Exit(int(code))
