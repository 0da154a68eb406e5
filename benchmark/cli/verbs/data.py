"""``bench data``: real images, where they come from, and whether they can be used."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.cli import completion, options
from benchmark.cli.groups import NamingGroup
from benchmark.errors import ExitCode

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


@app.command()
def check(
    name: Annotated[
        str,
        typer.Argument(
            help="A dataset of `bench list datasets`, or a path: a folder or .zip of images, a folder of PCam's files, "
            "a .npz, .npy or .h5 file. A folder named as a dataset is: ./NAME.",
            metavar="NAME_OR_PATH",
            autocompletion=completion.datasets,
        ),
    ],
    data_root: options.DataRoot = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Count images by split and class; find repeated, blank and damaged ones, and slides in several splits.

    Exact duplicates are found by decoded pixels: redundant are the members of a group minus one. An image is blank if
    all its pixels have one color, nearly blank if in every channel their standard deviation is below 2 gray levels.

    Exit status: 0 the data can be used; 1 something was found for which a run would refuse them or its numbers would be
    flattered: damaged images, several sizes, images or slides in several splits, images under several labels, file
    formats or codecs that differ; 2 there is nothing there that can be read.
    """
    from benchmark.cli import data_page, display, table
    from benchmark.datasets.checking import report, subjects

    with display.counting(quiet=quiet) as progress, subjects.opened(name, data_root, progress) as subject:
        found = report.of(subject, progress)
    if as_json:
        table.print_json(found.plain())
    else:
        print(data_page.text(found))
    raise typer.Exit(int(ExitCode.COMPLETE if found.is_sound else ExitCode.PARTIAL))
