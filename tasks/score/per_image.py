"""A file of the values of every synthetic image."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from benchmark import atomic
from benchmark.errors import UserError
from tasks.score.choices import PER_IMAGE
from tasks.score.scored import Scored


def check(path: Path, names: Sequence[str]) -> None:
    """Refuse a file that nothing would be written to, before anything is measured.

    Args:
        path: The file.
        names: The metrics asked for.

    Raises:
        UserError: If none of them has a value of every image, it is no .csv file, or its folder is not there.
    """
    if not set(PER_IMAGE) & set(names):
        raise UserError(f"--per-image {path}: expected one of {', '.join(PER_IMAGE)} among --metrics.")
    if path.suffix.lower() != ".csv":
        raise UserError(f"--per-image {path}: expected a file name that ends in .csv.")
    if not path.absolute().parent.is_dir():
        raise UserError(f"--per-image {path}: there is no folder {path.absolute().parent}. Make it first.")


def write(path: Path, scored: Sequence[Scored]) -> None:
    """Write one line a synthetic row, written aside and renamed.

    Args:
        path: The file; what is there is replaced.
        scored: The numbers of all rows.

    Raises:
        UserError: If it cannot be written.
    """
    columns = {name: values for one in scored for name, values in one.images.items()}
    stream = io.StringIO()
    lines = csv.writer(stream, lineterminator="\n")
    lines.writerow(["synthetic_row", *columns])
    lines.writerows(
        [row, *values] for row, values in enumerate(zip(*(v.tolist() for v in columns.values()), strict=True))
    )
    try:
        atomic.write_text(path, stream.getvalue())
    except OSError as error:
        raise UserError(f"--per-image {path} cannot be written: {error.strerror or error}.") from None
