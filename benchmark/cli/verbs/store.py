"""``bench store``: what the store holds."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.cli import options
from benchmark.errors import ExitCode

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def store() -> None:
    """Look into the folder of finished work: its size, its health, what can go."""


@app.command()
def du(store: options.StoreDir = options.DEFAULT_STORE, as_json: options.AsJson = False) -> None:
    """Show how much each stage holds."""
    from benchmark.cli import table
    from benchmark.store import usage
    from benchmark.store.space import in_words
    from benchmark.store.store import Store

    rows = [
        {"what": what, "items": count, "size": size if as_json else in_words(size)}
        for what, count, size in usage.by_kind(Store.existing(store))
    ]
    table.show(rows, as_json=as_json)


@app.command()
def verify(store: options.StoreDir = options.DEFAULT_STORE, as_json: options.AsJson = False) -> None:
    """Hash every file again and name what is damaged; status 1 if anything is."""
    from benchmark.cli import table
    from benchmark.store import verify as verification
    from benchmark.store.store import Store

    opened = Store.existing(store)
    damaged = list(verification.damaged(opened))
    table.show([{"stage": kind, "key": key, "problem": problem} for kind, key, problem in damaged], as_json=as_json)
    table.note(f"{sum(1 for _ in opened.objects()) - len(damaged)} sound, {len(damaged)} damaged.")
    raise typer.Exit(int(ExitCode.PARTIAL if damaged else ExitCode.COMPLETE))


@app.command()
def gc(
    store: options.StoreDir = options.DEFAULT_STORE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only name what would go.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Remove finished steps no record stands on, abandoned work and what was set aside; records always stay."""
    from benchmark.cli import table
    from benchmark.store import garbage
    from benchmark.store.space import in_words
    from benchmark.store.store import Store

    opened = Store.existing(store)
    found = garbage.find(opened)
    if not dry_run:
        garbage.remove(opened, found)
    rows = [{"what": item.what, "size": item.bytes if as_json else in_words(item.bytes)} for item in found]
    table.show(rows, as_json=as_json)
    verb = "would be freed" if dry_run else "freed"
    table.note(f"{in_words(sum(item.bytes for item in found))} {verb}.")
