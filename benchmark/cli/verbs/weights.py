"""``bench weights``: pretrained weights of extractors, where they are and which they are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from benchmark.cli import completion, options
from benchmark.cli.groups import NamingGroup

app = typer.Typer(cls=NamingGroup, rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def weights() -> None:
    """Look for the weights of extractors, and fetch them."""


@app.command("list")
def list_(registry: options.Registries = None, as_json: options.AsJson = False) -> None:
    """List extractors that take weights: where theirs are, or would be put."""
    from benchmark.cli import table
    from benchmark.errors import UserError
    from benchmark.extractors import weights as pretrained
    from benchmark.registry.variants import Catalogue

    rows: list[dict[str, object]] = []
    for listed in Catalogue.discover(registry or ()).extractors:
        weights = listed.entry.weights
        if weights is None:
            continue
        row: dict[str, object] = {"extractor": listed.name, "from": weights.source, "gated": weights.access is not None}
        try:
            found = pretrained.find(listed)
        except UserError as error:  # One entry that is wrong must not hide the others.
            rows.append({**row, "there": "no", "bytes": None, "folder": str(error)})
            continue
        place = pretrained.place_for(weights) if found is None else found.folder
        size = None if found is None else sum((found.folder / name).stat().st_size for name in found.files)
        rows.append({**row, "there": "no" if found is None else "yes", "bytes": size, "folder": str(place)})
    if as_json:
        table.print_json(rows)
    else:
        table.show([_short(row) for row in rows], as_json=False)
        table.note(
            f"... is {pretrained.home()}. Gated ones are handed out on request: `bench weights fetch NAME` says how."
        )


def _short(row: Mapping[str, Any]) -> dict[str, object]:
    """Return a row for people: addresses by host, folders of the user's cache by what is below it."""
    from benchmark.extractors import weights as pretrained

    size = "no" if row["bytes"] is None else f"{row['bytes'] / 1e6:,.0f} MB"
    return {
        "extractor": row["extractor"],
        "there": size,
        "gated": "yes" if row["gated"] else "",
        "from": urlsplit(row["from"]).hostname or row["from"],
        "folder": row["folder"].replace(f"{pretrained.home()}{os.sep}", f"...{os.sep}"),
    }


@app.command()
def fetch(
    names: Annotated[
        list[str],
        typer.Argument(help="Extractors.", metavar="NAME...", autocompletion=completion.extractors),
    ],
    registry: options.Registries = None,
    offline: options.Offline = False,
    as_json: options.AsJson = False,
) -> None:
    """Bring the weights of extractors to this machine, and verify those whose digest is known."""
    from benchmark import digests
    from benchmark.cli import table
    from benchmark.errors import UserError
    from benchmark.extractors import weights as pretrained
    from benchmark.registry.variants import Catalogue

    known = Catalogue.discover(registry or ()).extractors
    listed = [known.get(name) for name in names]
    for one in listed:
        if one.entry.weights is None:
            raise UserError(f"Extractor '{one.name}' takes no weights.")
    rows: list[dict[str, object]] = []
    for one in listed:
        found = pretrained.find(one)
        if found is None:
            if offline:
                raise pretrained.missing(one)
            table.note(f"Fetching the weights of {one.name} ...")
            found = pretrained.fetch(one)
        each = found.digests(digests.of_file)
        pretrained.verify(one, each, found.folder)
        rows += [{"extractor": one.name, "file": str(found.folder / name), "sha256": each[name]} for name in each]
    table.show(rows, as_json=as_json)
