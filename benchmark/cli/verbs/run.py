"""``bench run``: measure the variants of a suite."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.cli import options
from benchmark.errors import ExitCode, UserError, plain

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
    from benchmark import digests
    from benchmark.cli import dry, invoke, references_page, results_table, table
    from benchmark.execution import preflight
    from benchmark.execution.run import exit_code
    from benchmark.session import Choice, make_plan
    from benchmark.store.store import Store
    from benchmark.tracking import target

    paces = dry.paces(pace or ())
    if paces and not dry_run:
        raise UserError("--pace is for --dry-run: give both, or neither.")
    opened = Store(store, make=False)
    place = target.resolve(opened.root, tracking_uri) if tracking else None
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
            store=opened.root,
            reference=reference,
        )
        for name in suite
    ]
    # Planning hashes data and weights; without work to follow, nothing is left behind for the sake of a memo.
    remembers = opened.is_there or not dry_run
    known = (opened.digest_of, opened.digest_of_files) if remembers else (digests.of_file, None)
    plans = [make_plan(choice, *known) for choice in choices]
    if not quiet:
        for note in (note for plan in plans for note in references_page.notes(plan)):
            table.note(plain(note))
    if dry_run:
        for plan in plans:
            preflight.check(plan.possible)
        rows = [row for plan in plans for row in dry.rows(plan, opened, in_words=not as_json, paces=paces)]
        table.show(rows, as_json=as_json)
        for note in dict.fromkeys(note for plan in plans for note in dry.notes(plan)):
            table.note(note)
        return
    runs = [
        invoke.run(plan, opened, limit=choice.limit, quiet=quiet, as_json=as_json, tracking=place)
        for choice, plan in zip(choices, plans, strict=True)
    ]
    if as_json:
        results_table.show_json([record for records in runs for record in records])
    raise typer.Exit(int(_worst([exit_code(records) for records in runs])))


def _worst(codes: list[ExitCode]) -> ExitCode:
    """Return the code of several suites: nothing measured only where that holds for all."""
    if all(code is ExitCode.COMPLETE for code in codes):
        return ExitCode.COMPLETE
    return ExitCode.NOTHING if all(code is ExitCode.NOTHING for code in codes) else ExitCode.PARTIAL
