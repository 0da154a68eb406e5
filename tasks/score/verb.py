"""``bench score``: metrics straight from files of features."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli import options

if TYPE_CHECKING:
    from tasks.score.scored import Scored

app = typer.Typer(rich_markup_mode=None)

DEFAULT = "fd,kd,pr,prdc"


@app.command()
def score(
    real: Annotated[
        Path, typer.Option("--real", metavar="FILE", help="Features of real images: .npy, .npz or .safetensors.")
    ],
    synthetic: Annotated[Path, typer.Option("--synthetic", metavar="FILE", help="Features of synthetic images.")],
    metrics: Annotated[
        str,
        typer.Option(
            "--metrics", metavar="NAMES", help="Of fd, kd, kd-subsets, pr, prdc, authpct, ct; commas between."
        ),
    ] = DEFAULT,
    train: Annotated[
        Path | None, typer.Option("--train", metavar="FILE", help="Features of the images the generator learnt from.")
    ] = None,
    holdout: Annotated[
        Path | None,
        typer.Option("--holdout", metavar="FILE", help="Features of images of the same slides that it never saw."),
    ] = None,
    real_slides: Annotated[
        Path | None,
        typer.Option("--real-slides", metavar="FILE", help="Slide of each real image, a line each, for intervals."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Measure features that are there already; no images, no suite, no store."""
    from benchmark.cli import table
    from tasks.score import choices, files

    names = choices.chosen(metrics)
    first, second = (files.read_features(path, role=role) for role, path in (("real", real), ("synthetic", synthetic)))
    learnt, unseen = (
        None if path is None else files.read_features(path, role=role)
        for role, path in (("train", train), ("holdout", holdout))
    )
    slides = {} if real_slides is None else {"real": files.read_slides(real_slides, role="real", rows=len(first))}
    # torch, only once all that was given is there.
    from tasks.score import compute

    scored = compute.score(real=first, synthetic=second, train=learnt, holdout=unseen, names=names, slides=slides)
    if as_json:
        table.print_json([_plain(one) for one in scored])
        return
    table.show([_row(one) for one in scored], as_json=False)
    for note in dict.fromkeys(one.note for one in scored if one.note):
        table.note(f"{', '.join(one.metric.name for one in scored if one.note == note)}: {note}")


def _plain(one: Scored) -> dict[str, object]:
    """Return a number and all that qualifies it, for a program."""
    metric, interval = one.metric, one.interval
    return {
        "metric": metric.name,
        "value": one.value,
        "interval": None
        if interval is None
        else {"low": interval.low, "high": interval.high, "level": interval.level, "method": interval.method},
        "n": one.n,
        "slides": one.slides,
        "direction": metric.direction,
        "definition": metric.definition,
        "source": metric.source,
        "estimand": metric.estimand,
        "comparable_at": metric.comparable_at,
        "blind_to": metric.blind_to,
        "note": one.note,
    }


def _row(one: Scored) -> dict[str, object]:
    interval = "none" if one.interval is None else f"[{one.interval.low:.5g}, {one.interval.high:.5g}]"
    n = ", ".join(f"{role} {count}" for role, count in one.n.items())
    return {"metric": one.metric.title, "value": f"{one.value:.6g}", "95 % interval": interval, "N": n}
