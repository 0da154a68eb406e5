"""``bench morphology``: clusters images, helps to choose how many, and assigns new ones."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmark.cli import completion, options
from benchmark.cli.groups import NamingGroup

app = typer.Typer(cls=NamingGroup, rich_markup_mode=None, no_args_is_help=True)

STUDY_SEED = 18021999
"""Seed of K-means in the study's release; `clusters.STUDY_SEED` without its imports."""
_GREATEST_SEED = 2**32 - 1


class Balance(StrEnum):
    """How a balanced set is looked for."""

    STUDY = "study"
    LARGEST = "largest"


Place = Annotated[
    Path | None,
    typer.Argument(metavar="[PLACE]", help="A folder of PNG, JPEG or TIFF, a .npy or .npz of uint8 N x H x W x 3, or a "
                   ".h5 with a data set 'x'; or --dataset.", show_default=False),
]  # fmt: skip
Dataset = Annotated[
    str | None, typer.Option("--dataset", metavar="NAME", help="Of `bench list datasets`, in place of PLACE.")
]
Split = Annotated[str, typer.Option("--split", metavar="NAME", help="train, valid or test, of a dataset.")]
Labels = Annotated[
    Path | None, typer.Option("--labels", metavar="FILE", help="Label of each image of PLACE, a line each.")
]
ExtractorName = Annotated[
    str,
    typer.Option("--extractor", metavar="NAME", autocompletion=completion.extractors,
                 help="Whose features are clustered; the study has dino-vitb8."),
]  # fmt: skip
Size = Annotated[
    int | None, typer.Option("--size", min=1, metavar="PX", help="Resize images first; as they are if left out.")
]
Starts = Annotated[
    int, typer.Option("--starts", min=1, metavar="N", help="Starts of K-means, the best of which counts.")
]
MiniBatch = Annotated[
    int | None, typer.Option("--mini-batch", min=1, metavar="N", help="Mini-batch K-means of N images; for large sets.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, max=_GREATEST_SEED, metavar="NUMBER", help="Of K-means and draws.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="At most N images, drawn at random.")]
Outliers = Annotated[
    bool, typer.Option("--outliers/--keep-outliers", help="Whether the study's outlier rules leave images out.")
]


@app.callback()
def morphology() -> None:
    """Cluster images by morphology: what prompts that name a morphology are made from."""


@app.command()
def fit(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder to write; new, or empty.")],
    place: Place = None,
    dataset: Dataset = None,
    split: Split = "train",
    data_root: options.DataRoot = None,
    labels: Labels = None,
    limit: Limit = None,
    outliers: Outliers = False,
    extractor: ExtractorName = "texture-statistics",
    size: Size = None,
    k: Annotated[int, typer.Option("--k", min=1, metavar="K", help="Clusters; the study has 33.")] = 33,
    standardized: Annotated[
        bool, typer.Option("--standardized/--raw", help="Features brought to mean 0 and variance 1; the study: raw.")
    ] = False,
    starts: Starts = 10,
    mini_batch: MiniBatch = None,
    seed: Seed = STUDY_SEED,
    balance: Annotated[
        Balance | None,
        typer.Option(
            "--balance",
            help="Mark a set with as many images of every prompt, searched for as in the study or "
            "as large as there is.",
            show_default=False,
        ),
    ] = None,
    columns: Annotated[
        int, typer.Option("--columns", min=1, max=32, metavar="N", help="Images a line of a sheet.")
    ] = 8,
    device: options.Device = "auto",
    offline: options.Offline = False,
    registry: options.Registries = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Cluster images; write the clusters, tables, a sheet of each cluster and a page to look at."""
    from benchmark.cli import display, table
    from generators.morphology import fitting, inputs

    fitting.require_new(out)
    tool = inputs.extractor(extractor, registries=registry or (), offline=offline, device=device)
    wanted = inputs.Wanted(place, dataset, split, data_root, labels, limit, seed)
    options_ = fitting.Options(
        k=k, size=size, standardized=standardized, starts=starts, mini_batch=mini_batch, seed=seed, outliers=outliers,
        balance=None if balance is None else balance.value, columns=columns,
    )  # fmt: skip
    with display.counting(quiet=quiet) as progress, inputs.opened(wanted, progress) as given:
        found = fitting.fit(given, tool, options_, progress)
        fitting.write(out, found, progress)
    if as_json:
        table.print_json(found.about)
        return
    _facts(found.facts)
    table.show(found.rows(), as_json=False)
    table.note(f"To look at: {out / 'index.html'}")


@app.command()
def choose(
    place: Place = None,
    dataset: Dataset = None,
    split: Split = "train",
    data_root: options.DataRoot = None,
    limit: Limit = None,
    outliers: Outliers = False,
    extractor: ExtractorName = "texture-statistics",
    size: Size = None,
    ks: Annotated[
        str, typer.Option("--k", metavar="LIST", help="Numbers of clusters: 2-12,16,33.")
    ] = "3-12,16,20,25,33,40,50",
    standardized: Annotated[
        bool, typer.Option("--standardized/--raw", help="Features brought to mean 0 and variance 1, as in the study.")
    ] = True,
    starts: Starts = 10,
    mini_batch: MiniBatch = None,
    seed: Seed = STUDY_SEED,
    seeds: Annotated[
        int, typer.Option("--seeds", min=1, metavar="N", help="Fits of each K, from --seed on, for stability.")
    ] = 5,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Write choose.md, choose.json and choose.png there.")
    ] = None,
    device: options.Device = "auto",
    offline: options.Offline = False,
    registry: options.Registries = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Show validity indices and stability over a range of K."""
    from benchmark.cli import display, places, table
    from generators.morphology import choice_report, inputs
    from generators.morphology.choosing import Way

    numbers = choice_report.numbers(ks)
    if out is not None:
        places.require_folder(out)
    tool = inputs.extractor(extractor, registries=registry or (), offline=offline, device=device)
    wanted = inputs.Wanted(place, dataset, split, data_root, None, limit, seed)
    way = Way(standardized, starts, mini_batch, tuple((seed + one) % (_GREATEST_SEED + 1) for one in range(seeds)))
    with display.counting(quiet=quiet) as progress, inputs.opened(wanted, progress) as given:
        found = choice_report.run(given, tool, size, numbers, way, outliers=outliers, progress=progress)
    if out is not None:
        found.write(out)
    if as_json:
        table.print_json(found.plain())
    else:
        print(found.text(), end="")


@app.command()
def assign(
    fitted: Annotated[Path, typer.Argument(metavar="FITTED", help="Folder that `bench morphology fit` wrote.")],
    place: Place = None,
    dataset: Dataset = None,
    split: Split = "test",
    data_root: options.DataRoot = None,
    labels: Labels = None,
    limit: Limit = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write every image's cluster there: .csv or .json.")
    ] = None,
    device: options.Device = "auto",
    offline: options.Offline = False,
    registry: options.Registries = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Put new images into fitted clusters: the cluster, the distance to its center, the prompt."""
    from benchmark.cli import display, table
    from generators.morphology import assigning, inputs
    from generators.morphology import fitted as folders

    if out is not None:
        assigning.require_file(out)
    fit = folders.read(fitted)
    tool = inputs.extractor(str(fit.extractor["name"]), registries=registry or (), offline=offline, device=device)
    folders.check_same(fit, tool.identity, fitted)
    wanted = inputs.Wanted(place, dataset, split, data_root, labels, limit, fit.clustering.about.seed)
    with display.counting(quiet=quiet) as progress, inputs.opened(wanted, progress) as given:
        found = assigning.assign(fit, given, tool, progress)
    if out is not None:
        assigning.write(out, found)
    if as_json:
        table.print_json(found.plain())
        return
    _facts(found.facts)
    table.show(found.summary(), as_json=False)


def _facts(facts: Any) -> None:
    from benchmark.errors import plain

    print("\n".join(plain(f"{name}: {value}") for name, value in facts), end="\n\n")
