"""``bench weights``: pretrained weights of extractors and generators, where they are and which they are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from benchmark.cli import completion, options
from benchmark.cli.groups import NamingGroup

if TYPE_CHECKING:
    from benchmark.registry.variants import Catalogue
    from benchmark.registry.weights import Wanted

app = typer.Typer(cls=NamingGroup, rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def weights() -> None:
    """Look for the weights of extractors and generators, and fetch them."""


@app.command("list")
def list_(registry: options.Registries = None, as_json: options.AsJson = False) -> None:
    """List extractors and generators that take weights: where theirs are, or would be put."""
    from benchmark.cli import table
    from benchmark.registry import pretrained
    from benchmark.registry.variants import Catalogue

    rows = [_row(wanted) for wanted in _all(Catalogue.discover(registry or ()))]
    if as_json:
        table.print_json(rows)
    else:
        table.show(_short(rows), as_json=False)
        table.note(
            f"... is {pretrained.home()}. Gated ones are handed out on request: `bench weights fetch NAME` says how."
        )


def _all(known: Catalogue) -> Iterator[Wanted]:
    """Yield all weights that entries ask for, those aside that come with a package."""
    for listed in (*known.extractors, *known):
        yield from (one for one in listed.wanted if not str(one.weights.path).startswith("package:"))


def _row(wanted: Wanted) -> dict[str, Any]:
    from benchmark.errors import UserError
    from benchmark.registry import pretrained

    weights = wanted.weights
    row = {
        "name": wanted.name,
        "kind": "generator" if wanted.noun == "variant" else wanted.noun,
        "part": wanted.part,
        "from": weights.source,
        "gated": weights.access is not None,
    }
    try:
        found = pretrained.find(wanted)
    except UserError as error:  # One entry that is wrong must not hide the others.
        return {**row, "there": "no", "bytes": None, "folder": str(error)}
    place = pretrained.place_for(weights) if found is None else found.folder
    size = None if found is None else sum((found.folder / name).stat().st_size for name in found.files)
    return {**row, "there": "no" if found is None else "yes", "bytes": size, "folder": str(place)}


def _short(rows: Sequence[dict[str, Any]]) -> list[dict[str, object]]:
    """Return rows for people: entries that share weights on one line, addresses by host, folders by what is below."""
    from benchmark.registry import pretrained

    sharing: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    for row in rows:
        # Extractors stay apart: each is a network of its own, or a precision of it.
        apart = row["name"] if row["kind"] == "extractor" else None
        sharing.setdefault((apart, row["kind"], row["part"], row["from"], row["folder"]), []).append(row)
    return [
        {
            "name": f"{first['name']} and {len(others)} more" if others else first["name"],
            "there": "no" if first["bytes"] is None else f"{first['bytes'] / 1e6:,.0f} MB",
            "gated": "yes" if first["gated"] else "",
            "from": urlsplit(first["from"]).hostname or first["from"],
            "folder": first["folder"].replace(f"{pretrained.home()}{os.sep}", f"...{os.sep}"),
        }
        for first, *others in sharing.values()
    ]


@app.command()
def fetch(
    names: Annotated[
        list[str],
        typer.Argument(
            help="Extractors and generators.", metavar="NAME...", autocompletion=completion.takers_of_weights
        ),
    ],
    registry: options.Registries = None,
    offline: options.Offline = False,
    as_json: options.AsJson = False,
) -> None:
    """Bring the weights of extractors and generators to this machine, and verify those whose digest is known."""
    from benchmark import digests
    from benchmark.cli import table
    from benchmark.registry import pretrained

    rows: list[dict[str, object]] = []
    for wanted in _named(names, registry or ()):
        found = pretrained.find(wanted)
        if found is None:
            if offline:
                raise pretrained.missing(wanted)
            table.note(f"Fetching the weights of {wanted.name} ...")
            found = pretrained.fetch(wanted)
        each = found.digests(digests.of_file)
        pretrained.verify(wanted, each, found.folder)
        rows += [{"name": wanted.name, "file": str(found.folder / name), "sha256": each[name]} for name in each]
    table.show(rows, as_json=as_json)


def _named(names: Sequence[str], registries: Sequence[Path]) -> list[Wanted]:
    """Return the weights of the entries named.

    Raises:
        UserError: If there is no such entry, or it takes none.
    """
    from benchmark.errors import UserError, nearest
    from benchmark.registry.variants import Catalogue

    known = Catalogue.discover(registries)
    found: list[Wanted] = []
    for name in names:
        if name not in known.extractors and name not in known.names():
            choices = [*known.extractors.names(), *known.names()]
            raise UserError(f"There is no extractor and no generator '{name}'. {nearest(name, choices)}")
        listed = [part.get(name) for part in (known.extractors, known) if name in part.names()]
        wanted = [one for entry in listed for one in entry.wanted]
        if not wanted:
            raise UserError(f"'{name}' takes no weights.")
        found += wanted
    return found
