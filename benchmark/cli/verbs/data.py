"""``bench data``: real images, and where they come from."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.cli import completion, options
from benchmark.cli.groups import NamingGroup

app = typer.Typer(cls=NamingGroup, rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def data() -> None:
    """Fetch real images, and look into them."""


@app.command()
def fetch(
    dataset: Annotated[str, typer.Argument(help="pcam.", metavar="NAME", autocompletion=completion.fetchable)],
    data_root: options.DataRoot = None,
    split: Annotated[
        list[str] | None,
        typer.Option("--split", metavar="NAME", help="train, valid or test; all where left out. Repeatable."),
    ] = None,
    meta: Annotated[bool, typer.Option("--meta/--no-meta", help="Whether the tables of slides come too.")] = True,
    url: Annotated[
        str | None,
        typer.Option("--url", envvar="BENCH_PCAM_URL", metavar="URL", help="A mirror: folder of the .gz files."),
    ] = None,
    offline: options.Offline = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Bring the official files of a dataset under the data root: resumed, verified, unpacked.

    What is there already is verified and left as it is. PatchCamelyon: 8 GB to download, 9 GB unpacked, up to 14 GB
    while the largest file is unpacked; from Zenodo record 2546921, CC0.
    """
    from benchmark.cli import fetching, table

    choice = fetching.choice(dataset, data_root, split or (), meta=meta, url=url)
    outcomes = fetching.fetch(choice, offline=offline, quiet=quiet)
    table.show([one.row(in_words=not as_json) for one in outcomes], as_json=as_json)
