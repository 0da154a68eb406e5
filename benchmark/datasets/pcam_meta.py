"""The slide table of a PCam split: one CSV row per patch, in the order of the patches."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np
from numpy.typing import NDArray

from benchmark import errors

COLUMNS = ("", "coord_y", "coord_x", "tumor_patch", "center_tumor_patch", "wsi")
"""Header of the official files; the first, nameless column counts the rows."""


class MetaRow(NamedTuple):
    """What the table says about one patch."""

    coord_y: int
    """Row of the patch's upper left corner in its slide, in pixels."""
    coord_x: int
    """Column of the patch's upper left corner in its slide, in pixels."""
    tumor_patch: bool
    """Whether there is tumor anywhere in the patch."""
    center_tumor_patch: bool
    """Whether there is tumor in the central 32 x 32 pixels: the label."""
    wsi: str
    """Name of the slide."""


class RowWriter:
    """Writes the table to a text stream opened with newline=''; the header comes at once."""

    def __init__(self, stream: TextIO) -> None:
        """Write the header to `stream`."""
        self._writer = csv.writer(stream, lineterminator="\n")
        self._writer.writerow(COLUMNS)
        self._written = 0

    def write(self, rows: Iterable[MetaRow]) -> None:
        """Write some rows, numbered on from those before."""
        for row in rows:
            self._writer.writerow((self._written, *row))
            self._written += 1


def read_slides(path: Path, count: int) -> NDArray[np.str_]:
    """Return the slide of each patch, shape (count,).

    Raises:
        UserError: The file is not such a table, has no column `wsi`, an empty slide, or not `count` rows.
    """
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            table = csv.DictReader(stream)
            if "wsi" not in (table.fieldnames or ()):
                raise errors.UserError(
                    f"{path} has no column 'wsi'; its columns: {', '.join(table.fieldnames or ()) or '(none)'}. "
                    f"Expected {','.join(COLUMNS)}. Remove the file to go without slides."
                )
            slides = [row["wsi"] for row in table]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise errors.UserError(f"{path} cannot be read as a UTF-8 CSV table: {error}.") from error
    if len(slides) != count:
        raise errors.UserError(
            f"{path} has {len(slides):,} rows but the split has {count:,} patches; expected one row per patch."
        )
    if not all(slides):
        row = next(number for number, slide in enumerate(slides) if not slide)
        raise errors.UserError(f"{path} (column 'wsi') is empty at row {row:,}; expected the name of a slide.")
    return np.array(slides, dtype=np.str_)
