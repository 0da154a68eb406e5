"""``bench show``: everything one name stands for."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.cli import completion, options

app = typer.Typer(rich_markup_mode=None)


@app.command()
def show(
    name: Annotated[
        str,
        typer.Argument(
            help="A suite, generator, protocol, task, dataset or extractor.", autocompletion=completion.names
        ),
    ],
    registry: options.Registries = None,
    as_json: options.AsJson = False,
) -> None:
    """Show everything a name stands for, defaults filled in."""
    import yaml

    from benchmark.cli import describe, table

    found = describe.everything_named(name, registry or ())
    if as_json:
        table.print_json(found)
    else:
        print(yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=100), end="")
