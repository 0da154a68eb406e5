"""``bench audit``: what each choice of a protocol alone does to each metric."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli import options

if TYPE_CHECKING:
    from benchmark.datasets.image_files import Opened
    from tasks.audit.report import Advance, Sets

app = typer.Typer(rich_markup_mode=None)

PLACE = "a folder or .zip of PNG, JPEG or TIFF, a .npy or .npz of uint8 N x H x W x 3, or a .h5 with a data set 'x'"


@app.command()
def audit(
    real: Annotated[Path, typer.Option("--real", metavar="PLACE", help=f"Real images: {PLACE}.")],
    synthetic: Annotated[Path, typer.Option("--synthetic", metavar="PLACE", help="Synthetic images, likewise.")],
    extractors: Annotated[
        list[str] | None,
        typer.Option("--extractor", metavar="NAME", help="Of `bench list extractors`. Repeatable; random-network."),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option("--size", min=1, metavar="PX", help="Common size; the smaller of the two sides if left out."),
    ] = None,
    real_slides: Annotated[
        Path | None,
        typer.Option("--real-slides", metavar="FILE", help="Slide of each real image, a line each, for halves."),
    ] = None,
    seed: Annotated[int, typer.Option("--split-seed", min=0, metavar="NUMBER", help="Of the random halves.")] = 0,
    device: options.Device = "auto",
    offline: options.Offline = False,
    registry: options.Registries = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Write audit.md and audit.json there too.")
    ] = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Show the same images under a grid of protocols, real against real first."""
    from benchmark import atomic, digests
    from benchmark.cli import places, table
    from benchmark.datasets import image_files
    from benchmark.execution.desk import Toolbox
    from benchmark.plan import platform
    from benchmark.plan.resolve import Resolver
    from benchmark.registry.variants import Catalogue
    from tasks.audit import page, report

    names = list(dict.fromkeys(extractors or ["random-network"]))
    resolver = Resolver(Catalogue.discover(registry or ()), None, digests.of_file, offline=offline)
    specs = [resolver.extractor(name) for name in names]
    if out is not None:
        places.require_folder(out)
    opened = {"real": image_files.opened(real), "synthetic": image_files.opened(synthetic)}
    sets = _sets(opened, real_slides, size, seed)
    found_device = platform.current(device).device
    toolbox = Toolbox(found_device)
    with _progress(quiet=quiet) as advance:
        reports = [
            report.run(sets, name=spec.name, extractor=toolbox.extractor(spec), advance=advance) for spec in specs
        ]
    facts = [
        *_facts(real, synthetic, sets),
        *_notes(opened),
        ("Seed of the halves", str(seed)),
        ("Device", found_device),
    ]
    facts += [(f"Weights of {spec.name}", spec.weights.digest[:12]) for spec in specs if spec.weights is not None]
    found = {"facts": dict(facts), "reports": [page.plain(one) for one in reports]}
    if out is not None:
        atomic.write_text(out / "audit.md", page.whole(reports, facts))
        atomic.write_json(out / "audit.json", found)
    if as_json:
        table.print_json(found)
    else:
        print("\n\n".join(["\n".join(f"{name}: {value}" for name, value in facts), *map(page.text, reports)]), end="")


def _sets(opened: dict[str, Opened], real_slides: Path | None, size: int | None, seed: int) -> Sets:
    from dataclasses import replace

    from benchmark.datasets import name_file
    from tasks.audit import report

    real = opened["real"].images
    if real_slides is not None:
        real = replace(real, slides=name_file.read(real_slides, option="--real-slides", rows=len(real)))
    return report.Sets.of(real=real, synthetic=opened["synthetic"].images, side=size, seed=seed)


def _facts(real: Path, synthetic: Path, sets: Sets) -> list[tuple[str, str]]:
    """Return what was audited, as name and value."""
    import numpy as np

    slides = sets.real.slides
    known = (
        "slides unknown: intervals treat images as independent"
        if slides is None
        else f"{len(np.unique(slides))} slides"
    )
    return [
        (
            "Real",
            f"{real.name}, {len(sets.real)} images of {sets.real_side} px, {known}, digest {sets.real.digest[:12]}",
        ),
        (
            "Synthetic",
            f"{synthetic.name}, {len(sets.synthetic)} images of {sets.synthetic_side} px, "
            f"digest {sets.synthetic.digest[:12]}",
        ),
    ]


def _notes(opened: dict[str, Opened]) -> list[tuple[str, str]]:
    return [(f"Files of {role}", one.note) for role, one in opened.items() if one.note is not None]


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Advance]:
    """Yield what tells a person at a terminal what is being embedded."""
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _part: None
        return
    with console.status("embedding") as status:
        yield lambda part: status.update(f"embedding: {part}")
