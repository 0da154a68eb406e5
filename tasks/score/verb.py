"""``bench score``: metrics straight from files of features."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmark.cli import options

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmark.statistics.arrays import Features

app = typer.Typer(rich_markup_mode=None)

DEFAULT = "fd,kd,pr,prdc"


class BelowNMin(StrEnum):
    """What becomes of a number of fewer rows than its N_min."""

    USUAL = "usual"
    MARK = "mark"
    REFUSE = "refuse"


def _file(option: str, help_: str) -> Any:
    return typer.Option(option, metavar="FILE", help=help_)


@app.command()
def score(
    real: Annotated[Path, _file("--real", "Features of real images: .npy, .npz or .safetensors.")],
    synthetic: Annotated[Path, _file("--synthetic", "Features of synthetic images.")],
    metrics: Annotated[
        str,
        typer.Option(
            "--metrics",
            metavar="NAMES",
            help="Of fd, fd-infinity, kd, kd-subsets, pr, prdc, cmmd (features must be CLIP embeddings), mind, vendi "
            "(vendi-q2: of order 2), realism, is, nearest, authpct, ct; commas between.",
        ),
    ] = DEFAULT,
    train: Annotated[Path | None, _file("--train", "Features of the images the generator learnt from.")] = None,
    holdout: Annotated[Path | None, _file("--holdout", "Features of unseen images of the same slides.")] = None,
    synthetic_logits: Annotated[
        Path | None,
        _file("--synthetic-logits", "A classifier's logits, or log-probabilities, of the synthetic images, for is."),
    ] = None,
    real_slides: Annotated[
        Path | None, _file("--real-slides", "Slide of each real image, a line each, for intervals.")
    ] = None,
    real_groups: Annotated[
        Path | None, _file("--real-groups", "Class or prompt of each real image, a line each: all once more by group.")
    ] = None,
    synthetic_groups: Annotated[Path | None, _file("--synthetic-groups", "The same of each synthetic image.")] = None,
    train_groups: Annotated[Path | None, _file("--train-groups", "The same of each image of --train.")] = None,
    holdout_groups: Annotated[Path | None, _file("--holdout-groups", "The same of each image of --holdout.")] = None,
    per_image: Annotated[
        Path | None,
        typer.Option("--per-image", metavar="OUT.csv", help="Write realism, nearest, authpct of each synthetic image."),
    ] = None,
    intervals: Annotated[
        bool, typer.Option("--intervals/--no-intervals", help="Leave intervals out where time is short.")
    ] = True,
    below_n_min: Annotated[
        BelowNMin,
        typer.Option("--below-n-min", help="Whether a number of too few rows is marked or refused.",
                     parser=options.one_of(BelowNMin, "--below-n-min"),
                     metavar=f"{{{','.join(BelowNMin)}}}"),
    ] = BelowNMin.USUAL,
    as_json: options.AsJson = False,
) -> None:  # fmt: skip
    """Measure features that are there already; no images, no suite, no store."""
    from tasks.score import choices, files, shown
    from tasks.score import per_image as images

    names = choices.chosen(metrics)
    if per_image is not None:
        images.check(per_image, names)
    given = {
        "real": real, "synthetic": synthetic, "train": train, "holdout": holdout, "synthetic-logits": synthetic_logits,
    }  # fmt: skip
    tables = {role: files.read_features(path, role=role) for role, path in given.items() if path is not None}
    slides = _names({"real": real_slides}, tables, "slides")
    by_role = {"real": real_groups, "synthetic": synthetic_groups, "train": train_groups, "holdout": holdout_groups}
    labels = _names(by_role, tables, "groups")
    _check_sides(labels)
    # torch, only once all that was given is there, and where a metric needs it.
    from tasks.score import cautions, compute
    from tasks.score.inputs import Inputs

    inputs = Inputs(tables, slides, intervals, below_n_min.value)
    scored = compute.score_by_group(inputs, names, labels) if labels else compute.score(inputs, names)
    scored = cautions.with_cautions(scored, inputs, asked=metrics)
    if per_image is not None:
        images.write(per_image, scored)
    shown.show(scored, as_json=as_json)


def _names(given: Mapping[str, Path | None], tables: Mapping[str, Features], kind: str) -> dict[str, NDArray[Any]]:
    """Return the slides or the groups by role, of those that are given."""
    from benchmark.datasets import name_file
    from benchmark.errors import UserError

    found = {}
    for role, path in given.items():
        if path is None:
            continue
        if role not in tables:
            raise UserError(f"--{role}-{kind} {path} names the {kind} of rows that are not given: give --{role} too.")
        found[role] = name_file.read(path, option=f"--{role}-{kind}", rows=len(tables[role]))
    return found


def _check_sides(labels: Mapping[str, object]) -> None:
    """Refuse groups of one side alone."""
    from benchmark.errors import UserError

    if labels and not {"real", "synthetic"} <= set(labels):
        missing = " and ".join(f"--{role}-groups" for role in ("real", "synthetic") if role not in labels)
        raise UserError(f"By group, real and synthetic rows need one each: give {missing} too.")
