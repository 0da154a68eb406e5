"""Labels, slides and splits of image files: from the folders they lie in, or from a table beside them.

ROOT/[SPLIT/]CLASS/... holds the images of a class, or a `metadata.csv` or `metadata.jsonl` names files and labels, as
in the image folders of the Hugging Face hub: one for all, or one in the folder of each split.
"""

from __future__ import annotations

import csv
import io
import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from benchmark.datasets import file_sets, splits
from benchmark.datasets.file_sets import FileSet
from benchmark.datasets.image_reader import Unusable
from benchmark.datasets.labels import Table
from benchmark.datasets.splits import Split
from benchmark.errors import UserError, nearest

FILE_COLUMN = "file_name"
"""Column of a table that names the file, relative to the folder of the table."""

_MOST_NAMED = 3


class Columns(NamedTuple):
    """Which columns of a table tell what."""

    label: str = "label"
    slide: str = "slide"
    """Need not be there."""
    split: str = "split"
    """Need not be there."""


class Unlabelled(UserError):
    """Nothing tells the classes of the images."""


class Read(NamedTuple):
    """What folders or tables tell."""

    table: Table
    """Its names are those of files."""
    tables: tuple[str, ...]
    """Files that were read for it."""


class _Row(NamedTuple):
    label: str
    slide: str
    split: str


def read(files: FileSet, columns: Columns) -> Read:
    """Return label, slide and split of each image file.

    Raises:
        Unlabelled: If images lie in no folder and no table is there.
        UserError: If folders of splits and others are mixed; if a table is damaged, lacks a column, names a file that
            is not there, leaves one out or names one twice.
    """
    names = file_sets.images_of(files)
    if not names:
        inside = f"{len(files.names):,} other files" if files.names else "nothing"
        raise UserError(f"{files.place} holds {inside} and no image. Expected PNG, JPEG or TIFF files.")
    by_folder = _splits_of(files, names)
    tables = _tables_of(files, by_split=by_folder is not None)
    if not tables:
        return Read(Table(names, _classes_of(files, names, by_folder), None, by_folder), ())
    rows = _matched(files, names, tables, columns)
    slides = _all_or_none([row.slide for row in rows], names, f"{files.place}: column '{columns.slide}'")
    words = _all_or_none([row.split for row in rows], names, f"{files.place}: column '{columns.split}'")
    chosen = by_folder if words is None else [_split_of(word, files, columns) for word in words]
    return Read(Table(names, [row.label for row in rows], slides, chosen), tables)


def _splits_of(files: FileSet, names: Sequence[str]) -> list[Split] | None:
    """Return the split of each file by its outermost folder; None where these folders are none of splits."""
    outer = [name.partition("/")[0] if "/" in name else "" for name in names]
    known = {word: splits.named(word) for word in set(outer)}
    if all(split is None for split in known.values()):
        return None
    others = sorted(word for word, split in known.items() if split is None)
    if others:
        told = f"the folder '{others[0]}'" if others[0] else f"images in no folder, such as {names[outer.index('')]}"
        raise UserError(
            f"{files.place} holds folders of splits ({', '.join(sorted(set(known) - set(others)))}) and {told}. "
            "Expected either a folder for each split, with folders of classes in it, or folders of classes alone."
        )
    return [split for word in outer if (split := known[word]) is not None]


def _classes_of(files: FileSet, names: Sequence[str], by_folder: Sequence[Split] | None) -> list[str]:
    """Return the class of each file: the outermost folder, below that of the split."""
    inside = names if by_folder is None else [name.partition("/")[2] for name in names]
    flat = next((name for name, inner in zip(names, inside, strict=True) if "/" not in inner), None)
    if flat is not None:
        raise Unlabelled(
            f"{files.place}: nothing tells the class of {flat}. Expected a folder for each class, or a metadata.csv or "
            f"metadata.jsonl with '{FILE_COLUMN}' and 'label'."
        )
    return [name.partition("/")[0] for name in inside]


def _tables_of(files: FileSet, *, by_split: bool) -> tuple[str, ...]:
    """Return the names of the tables: one for all, or one in the folder of each split."""
    outer = [name for name in files.names if name in file_sets.TABLES]
    inner = [
        name
        for name in files.names
        if by_split and name.count("/") == 1 and posixpath.basename(name) in file_sets.TABLES
    ]
    if len(outer) > 1 or (outer and inner):
        raise UserError(f"{files.place} holds several tables: {', '.join(outer + inner)}. Keep one.")
    return tuple(outer or inner)


def _matched(files: FileSet, names: Sequence[str], tables: Sequence[str], columns: Columns) -> list[_Row]:
    """Return the row of each file, in the order of the files."""
    rows: dict[str, _Row] = {}
    for table in tables:
        folder = posixpath.dirname(table)
        for line in _lines(files, table):
            name = posixpath.normpath(posixpath.join(folder, _cell(line, FILE_COLUMN, table, files, needed=True)))
            if name in rows:
                raise UserError(f"{files.place}: {table} names {name} twice.")
            rows[name] = _Row(
                label=_cell(line, columns.label, table, files, needed=True),
                slide=_cell(line, columns.slide, table, files),
                split=_cell(line, columns.split, table, files),
            )
    _refuse(sorted(set(rows) - set(names)), f"{files.place}: {tables[0]} names {{}} that are not there, such as {{}}.")
    _refuse(
        [name for name in names if name not in rows],
        f"{files.place}: {{}} have no row in {tables[0]}, such as {{}}. Add them, or take them out.",
    )
    return [rows[name] for name in names]


def _lines(files: FileSet, table: str) -> Iterator[Mapping[str, Any]]:
    try:
        with file_sets.reading(files, table) as stream:
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
            if table.endswith(".csv"):
                yield from csv.DictReader(text)
            else:
                yield from (json.loads(line) for line in text if line.strip())
    except (Unusable, ValueError, csv.Error) as error:
        raise UserError(f"{files.place}: {table} cannot be read: {error}.") from None


def _cell(line: Mapping[str, Any], column: str, table: str, files: FileSet, *, needed: bool = False) -> str:
    """Return what a row says in a column; nothing where the column is not there and need not be."""
    if not isinstance(line, Mapping):
        raise UserError(f"{files.place}: {table} holds the line {line!r}. Expected an object with '{FILE_COLUMN}'.")
    if column not in line:
        if not needed:
            return ""
        known = [key for key in line if isinstance(key, str)]
        raise UserError(f"{files.place}: {table} has no column '{column}'. {nearest(column, known)}")
    value = line[column]
    if value is not None and not isinstance(value, str | int):
        raise UserError(f"{files.place}: {table}, column '{column}' holds {value!r}. Expected text or a whole number.")
    text = "" if value is None else str(value).strip()
    if needed and not text:
        raise UserError(f"{files.place}: {table}, column '{column}' is empty in the row {dict(line)}.")
    return text


def _all_or_none(values: list[str], names: Sequence[str], where: str) -> list[str] | None:
    if not any(values):
        return None
    if not all(values):
        raise UserError(f"{where} is empty for {names[values.index('')]}, and is not for others.")
    return values


def _split_of(word: str, files: FileSet, columns: Columns) -> Split:
    split = splits.named(word)
    if split is None:
        raise UserError(f"{files.place}: column '{columns.split}' says '{word}'. {nearest(word, splits.SPLITS)}")
    return split


def _refuse(names: Sequence[str], said: str) -> None:
    if names:
        raise UserError(said.format(f"{len(names):,} files", ", ".join(names[:_MOST_NAMED])))
