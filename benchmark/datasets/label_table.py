"""Tables of labels: a CSV file, or one of JSON lines, with a row an image."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from benchmark.datasets import splits
from benchmark.datasets.labels import Table
from benchmark.datasets.splits import Split
from benchmark.errors import UserError, nearest

FILE_COLUMN = "file_name"
"""Column that names the file."""


class Columns(NamedTuple):
    """Which columns of a table tell what."""

    label: str = "label"
    slide: str = "slide"
    """Need not be there."""
    split: str = "split"
    """Need not be there."""


class Row(NamedTuple):
    """What a table says of an image; nothing where it says nothing."""

    file: str
    label: str
    slide: str
    split: str


def rows(stream: BinaryIO, where: str, columns: Columns, *, of_files: bool = True) -> Iterator[Row]:
    """Yield the rows of a table.

    Args:
        stream: The table; JSON lines where `where` ends in ``.jsonl``, commas elsewhere.
        where: What is read, for messages: a path.
        columns: What its columns are named.
        of_files: Whether rows name files, rather than stand in the order of the images.

    Raises:
        UserError: If it is damaged, a column is not there, or a file or a label is missing in a row.
    """
    for line in _lines(stream, where):
        yield Row(
            file=_cell(line, FILE_COLUMN, where, needed=True) if of_files else "",
            label=_cell(line, columns.label, where, needed=True),
            slide=_cell(line, columns.slide, where),
            split=_cell(line, columns.split, where),
        )


def read(table: Path, columns: Columns, *, of_files: bool = True) -> list[Row]:
    """Return the rows of a table that lies in a file of its own; see `rows`.

    Raises:
        UserError: As there, or if it cannot be read.
    """
    try:
        with table.open("rb") as stream:
            return list(rows(stream, str(table), columns, of_files=of_files))
    except OSError as error:
        raise UserError(f"{table} cannot be read: {error.strerror}.") from None


def in_order(table: Path, columns: Columns, *, count: int) -> Table:
    """Return what a table says of images that stand in its order.

    Raises:
        UserError: As for `read`, or if it has another number of rows.
    """
    found = read(table, columns, of_files=False)
    if len(found) != count:
        raise UserError(f"{table} has {len(found):,} rows for {count:,} images. Expected a row an image, in order.")
    return joined([f"row {row}" for row in range(count)], found, columns, str(table))


def joined(names: Sequence[str], found: Sequence[Row], columns: Columns, where: str) -> Table:
    """Return rows as what is known of images, in their order.

    Raises:
        UserError: If slides or splits are told of some images alone, or a word is no split's.
    """
    slides = _all_or_none([row.slide for row in found], names, f"{where}: column '{columns.slide}'")
    words = _all_or_none([row.split for row in found], names, f"{where}: column '{columns.split}'")
    chosen = None if words is None else [_split_of(word, where, columns) for word in words]
    return Table(names, [row.label for row in found], slides, chosen)


def _lines(stream: BinaryIO, where: str) -> Iterator[Mapping[str, Any]]:
    try:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        if where.lower().endswith(".jsonl"):
            yield from (json.loads(line) for line in text if line.strip())
        else:
            yield from csv.DictReader(text, strict=True)
    except (ValueError, csv.Error) as error:
        raise UserError(f"{where} cannot be read: {error}.") from None


def _cell(line: Mapping[str, Any], column: str, where: str, *, needed: bool = False) -> str:
    """Return what a row says in a column; nothing where the column is not there and need not be."""
    if not isinstance(line, Mapping):
        raise UserError(f"{where} holds the line {line!r}. Expected an object with '{FILE_COLUMN}'.")
    if column not in line:
        if not needed:
            return ""
        known = [key for key in line if isinstance(key, str)]
        raise UserError(f"{where} has no column '{column}'. {nearest(column, known)}")
    value = line[column]
    if value is not None and not isinstance(value, str | int):
        raise UserError(f"{where}, column '{column}' holds {value!r}. Expected text or a whole number.")
    text = "" if value is None else str(value).strip()
    if needed and not text:
        raise UserError(f"{where}, column '{column}' is empty in the row {dict(line)}.")
    return text


def _all_or_none(values: list[str], names: Sequence[str], where: str) -> list[str] | None:
    if not any(values):
        return None
    if not all(values):
        raise UserError(f"{where} is empty for {names[values.index('')]}, and is not for others.")
    return values


def _split_of(word: str, where: str, columns: Columns) -> Split:
    split = splits.named(word)
    if split is None:
        raise UserError(f"{where}: column '{columns.split}' says '{word}'. {nearest(word, splits.SPLITS)}")
    return split
