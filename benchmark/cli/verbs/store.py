"""``bench store``: what the store holds."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.cli import options
from benchmark.cli.groups import NamingGroup
from benchmark.errors import ExitCode

app = typer.Typer(cls=NamingGroup, rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def store() -> None:
    """Look into the folder of finished work: its size, its health, what can go."""


@app.command()
def du(store: options.StoreDir = options.DEFAULT_STORE, as_json: options.AsJson = False) -> None:
    """Show how much each stage holds."""
    from benchmark.cli import table
    from benchmark.disk import in_words
    from benchmark.store import usage
    from benchmark.store.store import Store

    rows = [
        {"what": what, "items": count, "size": size if as_json else in_words(size)}
        for what, count, size in usage.by_kind(Store.existing(store, write=False))
    ]
    table.show(rows, as_json=as_json)


@app.command()
def verify(store: options.StoreDir = options.DEFAULT_STORE, as_json: options.AsJson = False) -> None:
    """Hash every file again, hold records against what was measured, and name what is damaged; status 1 if any is."""
    from benchmark.cli import table
    from benchmark.records import files
    from benchmark.records import verify as of_records
    from benchmark.store import verify as of_steps
    from benchmark.store.store import Store

    opened = Store.existing(store, write=False)
    steps, records = list(of_steps.damaged(opened)), list(of_records.unsound(opened))
    written = len(files.paths(opened.root))
    rows = [{"stage": kind, "key": key, "problem": problem} for kind, key, problem in steps]
    rows += [
        {"stage": "record", "key": str(path.relative_to(opened.root)), "problem": problem} for path, problem in records
    ]
    table.show(rows, as_json=as_json)
    table.note(f"Steps: {sum(1 for _ in opened.objects()) - len(steps)} sound, {len(steps)} damaged.")
    table.note(f"Records: {written - len(records)} sound, {len(records)} unsound.")
    if steps:
        table.note("A damaged step is set aside and made again by the next run that needs it.")
    if records:
        table.note("Move an unsound record away; the same run writes it again.")
    raise typer.Exit(int(ExitCode.PARTIAL if rows else ExitCode.COMPLETE))


@app.command()
def gc(
    store: options.StoreDir = options.DEFAULT_STORE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only name what would go.")] = False,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Also what stopped runs had done and would go on from.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Remove finished steps no record stands on, abandoned work and what was set aside; records always stay.

    What a stopped run had done stays too, so that the same command can go on from it.
    """
    from benchmark.cli import table
    from benchmark.disk import in_words
    from benchmark.store import garbage
    from benchmark.store.store import Store

    opened = Store.existing(store)
    found = garbage.find(opened, unfinished=unfinished)
    if not dry_run:
        garbage.remove(opened, found)
    rows = [{"what": item.what, "size": item.bytes if as_json else in_words(item.bytes)} for item in found]
    table.show(rows, as_json=as_json)
    verb = "would be freed" if dry_run else "freed"
    table.note(f"{in_words(sum(item.bytes for item in found))} {verb}.")
    kept = 0 if unfinished else sum(item.bytes for item in garbage.find(opened, unfinished=True))
    if kept and not dry_run:
        table.note(f"{in_words(kept)} of stopped runs stay, which would go on from there; --unfinished frees them too.")
