"""The options that verbs share. Each is an environment variable too."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from benchmark import seeds
from benchmark.cli import completion
from benchmark.errors import UserError, nearest


def _seed(text: str) -> int:
    """Return a seed that was given as text.

    Raises:
        typer.BadParameter: If it is none.
    """
    if not text.isascii() or not text.isdecimal() or int(text) > seeds.GREATEST:
        raise typer.BadParameter(
            f"'{text}' is no seed: expected a whole number from 0 to {seeds.GREATEST}. For several seeds give --seed "
            "several times."
        )
    return int(text)


def one_of(kind: type[StrEnum], option: str) -> Callable[[str], StrEnum]:
    """Return what reads one of a few words that an option takes; another is a user's mistake that names the nearest."""

    def parse(text: str) -> StrEnum:
        if text not in list(kind):
            raise UserError(f"{option} {text}: there is no such choice. {nearest(text, kind)}")
        return kind(text)

    return parse


Suites = Annotated[
    list[str],
    typer.Option("--suite", "-s", envvar="BENCH_SUITE", help="Suite by name, or a .yaml file. Repeatable.",
                 autocompletion=completion.suites, metavar="NAME"),
]  # fmt: skip
Generators = Annotated[
    list[str] | None,
    typer.Option("--generator", "-g", envvar="BENCH_GENERATOR", autocompletion=completion.generators,
                 help="Only these variants; one of your own joins the suite's. Repeatable.", metavar="NAME"),
]  # fmt: skip
Seeds = Annotated[
    list[int] | None,
    typer.Option("--seed", envvar="BENCH_SEED", metavar="NUMBER",
                 help="Seeds, in place of the suite's: 0 to 99 to report, from 100 on to try things out. Repeatable; "
                 "the variable takes several with spaces between.", parser=_seed),
]  # fmt: skip
StoreDir = Annotated[
    Path, typer.Option("--store", envvar="BENCH_STORE", help="Folder of finished work.", metavar="DIR")
]
DataRoot = Annotated[
    Path | None,
    typer.Option("--data-root", envvar="BENCH_DATA_ROOT", help="Folder of real images.", metavar="DIR"),
]
Device = Annotated[str, typer.Option("--device", envvar="BENCH_DEVICE", help="auto, cpu or cuda.", metavar="DEVICE")]
Offline = Annotated[
    bool, typer.Option("--offline", envvar="BENCH_OFFLINE", help="Never ask a hub for weights or data.")
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        envvar="BENCH_QUIET",
        help="No progress, as where the error output is no terminal; only the result.",
    ),
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", envvar="BENCH_LIMIT", min=1, metavar="N",
                 help="At most N images a role and a variant, marked as a trial; data are made and fits run in full."),
]  # fmt: skip
Registries = Annotated[
    list[Path] | None,
    typer.Option("--registry", envvar="BENCH_REGISTRY", metavar="FILE",
                 help="A variants file of your own; code beside it may be named. Repeatable."),
]  # fmt: skip
Reference = Annotated[
    str | None,
    typer.Option("--reference", envvar="BENCH_REFERENCE", metavar="DIGEST",
                 help="Where there are no real images: the imported reference to take, by its first digits, if several "
                 "fit (bench store references)."),
]  # fmt: skip
Tracking = Annotated[
    bool, typer.Option("--tracking/--no-tracking", envvar="BENCH_TRACKING", help="Whether results go to MLflow.")
]
TrackingUri = Annotated[
    str | None,
    typer.Option("--tracking-uri", envvar="MLFLOW_TRACKING_URI", metavar="URI",
                 help="MLflow server or database; a database in the store where left out."),
]  # fmt: skip
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON in place of a table.")]

DEFAULT_STORE = Path("bench-store")
"""Where the store is unless `--store` says otherwise."""
