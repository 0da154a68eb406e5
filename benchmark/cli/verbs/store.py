"""``bench store``: what the store holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli import completion, options
from benchmark.cli.groups import NamingGroup
from benchmark.errors import ExitCode

app = typer.Typer(cls=NamingGroup, rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def store() -> None:
    """Look into the folder of finished work: its size, its health, what can go; share a reference without images."""


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
    from benchmark.store import references
    from benchmark.store import verify as of_steps
    from benchmark.store.store import Store

    opened = Store.existing(store, write=False)
    steps, records = list(of_steps.damaged(opened)), list(of_records.unsound(opened))
    written = len(files.paths(opened.root))
    rows = [{"stage": kind, "key": key, "problem": problem} for kind, key, problem in steps]
    rows += [
        {"stage": "record", "key": str(path.relative_to(opened.root)), "problem": problem} for path, problem in records
    ]
    imported = list(references.damaged(opened))
    rows += [{"stage": "reference", "key": digest, "problem": problem} for digest, problem in imported]
    table.show(rows, as_json=as_json)
    table.note(f"Steps: {sum(1 for _ in opened.objects()) - len(steps)} sound, {len(steps)} damaged.")
    table.note(f"Records: {written - len(records)} sound, {len(records)} unsound.")
    if there := references.count(opened):
        table.note(f"References: {there - len(imported)} sound, {len(imported)} damaged.")
    if steps:
        table.note("A damaged step is set aside and made again by the next run that needs it.")
    if records:
        table.note("Move an unsound record away; the same run writes it again.")
    if imported:
        table.note("Import a damaged reference again: bench store import FILE.")
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


@app.command()
def export(
    suite: Annotated[
        str,
        typer.Option(
            "--suite",
            "-s",
            envvar="BENCH_SUITE",
            metavar="NAME",
            help="Suite by name, or a .yaml file.",
            autocompletion=completion.suites,
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.zip", help="Where to; SUITE-reference.zip where left out.")
    ] = None,
    hide_slides: Annotated[
        bool, typer.Option("--hide-slides", help="Numbers in place of slide ids; no result changes.")
    ] = False,
    store: options.StoreDir = options.DEFAULT_STORE,
    data_root: options.DataRoot = None,
    device: options.Device = "auto",
    offline: options.Offline = False,
    limit: options.Limit = None,
    registry: options.Registries = None,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Pack what a suite needs of its real images besides the images, for labs that have none; what lacks is made.

    What is in the file: features, labels, slides, digests, the protocol. docs/packed-references.md.
    """
    from benchmark.cli import invoke, places, references_page, table
    from benchmark.execution import packing
    from benchmark.session import Choice, plan_real_side
    from benchmark.store.store import Store

    opened = Store(store, make=False)
    choice = Choice(suite, (), (), data_root, device, limit, tuple(registry or ()), offline)
    side = plan_real_side(choice, opened.digest_of, opened.digest_of_files)
    packing.check(side)
    place = Path(f"{side.suite.name}-reference.zip") if out is None else out
    places.require_folder(place.absolute().parent)
    made = invoke.make(side.steps, opened, suite=side.suite.identifier, quiet=quiet)
    packed = packing.pack(side, made, place, hide_slides=hide_slides)
    table.show([references_page.row(packed.manifest, packed.bytes, in_words=not as_json)], as_json=as_json)
    state = "written" if packed.is_new else "there already, byte for byte"
    table.note(
        f"{place}: {state}. It holds no images; what it tells of them: docs/packed-references.md. Its digest, by which "
        f"others know it: {packed.manifest.digest}"
    )


@app.command("import")
def import_(
    pack: Annotated[Path, typer.Argument(metavar="FILE.zip", help="What bench store export wrote.")],
    store: options.StoreDir = options.DEFAULT_STORE,
    as_json: options.AsJson = False,
) -> None:
    """Verify a packed reference and keep it, so that its suite can be run without the real images."""
    from benchmark.cli import references_page, table
    from benchmark.store import references
    from benchmark.store.store import Store
    from benchmark.store.usage import bytes_of

    found = references.bring(Store(store, make=False), pack)
    manifest = found.reference.manifest
    table.show([references_page.row(manifest, bytes_of(found.reference.folder), in_words=not as_json)], as_json=as_json)
    state = "Imported" if found.is_new else "There already"
    table.note(f"{state}. Whether it is the one you were told of, its digest tells: {found.reference.digest}")


@app.command("references")
def references_(store: options.StoreDir = options.DEFAULT_STORE, as_json: options.AsJson = False) -> None:
    """List the references that were imported."""
    from benchmark.cli import references_page, table
    from benchmark.store import references
    from benchmark.store.store import Store

    found = references.listed(Store.existing(store, write=False))
    table.show(
        [references_page.row(one.reference.manifest, one.bytes, in_words=not as_json) for one in found], as_json=as_json
    )
