"""``bench evaluate``: images made elsewhere, measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmark.cli import completion, options

app = typer.Typer(rich_markup_mode=None)

PLACE = "a folder or .zip of PNG, JPEG or TIFF files, a .npz, .npy or .h5 file"


DEFAULT_EXTRACTOR = "inception-v3-compat"
"""What FID is defined by."""


class Bad(StrEnum):
    """What becomes of images that cannot be used."""

    FAIL = "fail"
    SKIP = "skip"


class Duplicates(StrEnum):
    """What a synthetic image with the pixels of another counts as."""

    BAD = "bad"
    KEEP = "keep"


def _table(option: str, of: str) -> Any:
    return typer.Option(option, metavar="FILE", help=f"Table of the labels of {of} (.csv, .jsonl): file_name, label; "
                        "of an array a row an image.")  # fmt: skip


@app.command()
def evaluate(
    synthetic: Annotated[Path, typer.Argument(metavar="SYNTHETIC", help=f"Images to be judged: {PLACE}.")],
    real: Annotated[
        Path | None, typer.Option("--real", metavar="PLACE", help="Real images to judge them by, likewise.")
    ] = None,
    train: Annotated[
        Path | None, typer.Option("--train", metavar="PLACE", help="Real images their generator was trained on.")
    ] = None,
    suite: Annotated[
        str | None,
        typer.Option(
            "--suite",
            "-s",
            metavar="NAME",
            autocompletion=completion.suites,
            help="In place of --real: join the board of a suite, on its own real images.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Of the row; that of the place if left out.")
    ] = None,
    labels: Annotated[Path | None, _table("--labels", "the synthetic images")] = None,
    real_labels: Annotated[Path | None, _table("--real-labels", "the real images")] = None,
    train_labels: Annotated[Path | None, _table("--train-labels", "the training images")] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(
            "--label", metavar="ITS=OURS", help="What the real images call a class of the synthetic ones. Repeatable."
        ),
    ] = None,
    bad: Annotated[
        Bad,
        typer.Option(
            "--bad",
            metavar="fail|skip",
            parser=options.one_of(Bad, "--bad"),
            help="Whether images that cannot be used stop this, or are left out and named in the record.",
        ),
    ] = Bad.FAIL,
    duplicates: Annotated[
        Duplicates,
        typer.Option(
            "--duplicates",
            metavar="bad|keep",
            parser=options.one_of(Duplicates, "--duplicates"),
            help="Whether a synthetic image that repeats another cannot be used, or is part of what is judged.",
        ),
    ] = Duplicates.BAD,
    extractor: Annotated[
        list[str] | None,
        typer.Option(
            "--extractor", metavar="NAME", help=f"Of `bench list extractors`. Repeatable; {DEFAULT_EXTRACTOR}."
        ),
    ] = None,
    protocol: Annotated[
        str | None, typer.Option("--protocol", metavar="NAME", help="Of `bench list protocols`; clean if left out.")
    ] = None,
    size: Annotated[
        int | None,
        typer.Option("--size", min=1, metavar="PX", help="Common size; the smaller of the two sides if left out."),
    ] = None,
    n: Annotated[
        int | None,
        typer.Option("--n", min=1, metavar="N", help="Synthetic images; as many as the floor can match if left out."),
    ] = None,
    seed: options.Seeds = None,
    store: options.StoreDir = options.DEFAULT_STORE,
    data_root: options.DataRoot = None,
    reference: options.Reference = None,
    device: options.Device = "auto",
    offline: options.Offline = False,
    registry: options.Registries = None,
    quiet: options.Quiet = False,
    tracking: options.Tracking = True,
    tracking_uri: options.TrackingUri = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only look at the images and say what would be done.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Measure images that someone has already, against real ones or on the board of a suite.

    Every image is looked at first, and all that cannot be used are named: empty, damaged or cut short, no image, not
    8-bit RGB, of several frames, of another size than the others, too large, repeated.

    Of real images that come in no splits, one half is the reference and the floor, a quarter trains and a quarter tests
    classifiers; with --train eight tenths and two. A set without labels gets a row without what classifiers learn.
    """
    from benchmark.cli import display, performing, table
    from benchmark.evaluation import prepare, seen, writing
    from benchmark.session import Choice

    _require_one_mode(
        real=real, suite=suite, reference=reference, train=train, real_labels=real_labels, train_labels=train_labels,
        extractor=extractor, protocol=protocol, size=size, n=n,
    )  # fmt: skip
    places = prepare.Places(synthetic, real, train, {"synthetic": labels, "real": real_labels, "train": train_labels})
    wishes = writing.Wishes(
        name=name or writing.slug(synthetic.name or synthetic.resolve().name),
        extractors=tuple(dict.fromkeys(extractor or [DEFAULT_EXTRACTOR])),
        protocol=protocol or "clean",
        size=size,
        n=n,
        names=_names(label or ()),
    )
    prepare.check(wishes, suite, registry or ())
    with display.counting(quiet=quiet) as progress:
        sets = places.look(duplicates=duplicates is Duplicates.BAD, progress=progress)
    if bad is Bad.FAIL:
        prepare.refuse_bad(sets)
    table.note(seen.text(sets))
    with _base(store, kept=not dry_run) as base:
        if suite is None:
            prepared = prepare.for_real_images(sets, places, wishes, base)
        else:
            prepared = prepare.for_suite(sets[0], places, wishes, base, suite=suite, data_root=data_root)
        for one in prepared.notes:
            table.note(f"Note: {one}")
        choice = Choice(
            prepared.suite, prepared.generators, tuple(seed or ()), prepared.data_root or data_root, device, None,
            (*(registry or ()), prepared.registry), offline, to_run=not dry_run, store=store, reference=reference,
        )  # fmt: skip
        code = performing.perform(
            [choice], store, quiet=quiet, tracking=tracking, uri=tracking_uri, dry_run=dry_run, as_json=as_json
        )
    raise typer.Exit(int(code))


@contextmanager
def _base(store: Path, *, kept: bool) -> Iterator[Path]:
    """Yield where evaluations are written down: in the store, or where nothing is to be kept, in a folder for now."""
    import tempfile

    from benchmark.evaluation import place
    from benchmark.store.store import Store

    if kept:
        opened = Store(store, make=False)
        opened.make()
        yield opened.root / place.FOLDER
        return
    with tempfile.TemporaryDirectory(prefix="bench-evaluate-") as folder:
        yield Path(folder)


def _require_one_mode(
    *, real: Path | None, suite: str | None, reference: str | None, train: Path | None, train_labels: Path | None,
    **with_real: object,
) -> None:  # fmt: skip
    """Refuse options of the one mode in the other, where they would be ignored.

    Args:
        real: Real images, in the one.
        suite: A suite, in the other.
        reference: Goes with a suite.
        train: Goes with real images.
        train_labels: Goes with `train`.
        with_real: What else goes with real images, by the option's name.

    Raises:
        UserError: At the first.
    """
    from benchmark.errors import UserError

    if (real is None) == (suite is None):
        raise UserError("Give either --real PLACE, real images to judge by, or --suite NAME (`bench list suites`).")
    given = {"train": train, "train_labels": train_labels, **with_real}
    if suite is not None and (wrong := [name for name, value in given.items() if value is not None]):
        option = wrong[0].replace("_", "-")
        raise UserError(f"--{option} goes with --real: suite '{suite}' says all that itself.")
    if suite is None and reference is not None:
        raise UserError("--reference goes with --suite: --real names the images themselves.")
    if train is None and train_labels is not None:
        raise UserError("--train-labels goes with --train, which names the images.")


def _names(pairs: Sequence[str]) -> dict[str, str]:
    """Return what the real images call classes of the synthetic ones."""
    from benchmark.errors import UserError

    found = {}
    for pair in pairs:
        its, sign, ours = pair.partition("=")
        if not (its and sign and ours):
            raise UserError(f"--label {pair}: expected ITS=OURS, a class of the synthetic images and one of the real.")
        found[its] = ours
    return found
