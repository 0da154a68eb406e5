"""Labels, slides and splits of image files: from the folders they lie in, or from a table beside them.

ROOT/[SPLIT/]CLASS/... holds the images of a class, or a `metadata.csv` or `metadata.jsonl` names files and labels, as
in the image folders of the Hugging Face hub: one for all, or one in the folder of each split.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmark.datasets import file_sets, label_table, splits
from benchmark.datasets.file_sets import FileSet
from benchmark.datasets.image_reader import Unusable
from benchmark.datasets.label_table import FILE_COLUMN, Columns, Row
from benchmark.datasets.labels import Table
from benchmark.datasets.splits import Split
from benchmark.errors import UserError

_MOST_NAMED = 3


class Unlabelled(UserError):
    """Nothing tells the classes of the images."""


class Read(NamedTuple):
    """What folders or tables tell."""

    table: Table
    """Its names are those of files."""
    tables: tuple[str, ...]
    """Files among the others that were read for it."""


def read(files: FileSet, columns: Columns, outside: Path | None = None) -> Read:
    """Return label, slide and split of each image file.

    Args:
        files: Where they lie.
        columns: What the columns of a table are named.
        outside: A table that lies elsewhere, and comes before all that lies among the files.

    Raises:
        Unlabelled: If images lie in no folder and no table is there.
        UserError: If folders of splits and others are mixed; if a table is damaged, lacks a column, names a file that
            is not there, leaves one out or names one twice.
    """
    names = file_sets.images_of(files)
    if not names:
        inside = f"{len(files.names):,} other files" if files.names else "nothing"
        raise UserError(f"{files.place} holds {inside} and no image. Expected PNG, JPEG or TIFF files.")
    if outside is not None:
        found = _by_name(label_table.read(outside, columns), "", str(outside))
        return Read(label_table.joined(names, _of_each(names, found, str(outside)), columns, str(outside)), ())
    by_folder = _splits_of(files, names)
    tables = _tables_of(files, by_split=by_folder is not None)
    if not tables:
        return Read(Table(names, _classes_of(files, names, by_folder), None, by_folder), ())
    where = f"{files.place}: {tables[0]}"
    table = label_table.joined(names, _of_each(names, _listed(files, tables, columns), where), columns, where)
    if table.splits is None:
        table = Table(table.names, table.labels, table.slides, by_folder)
    return Read(table, tables)


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


def _listed(files: FileSet, tables: Sequence[str], columns: Columns) -> dict[str, Row]:
    """Return the rows of tables that lie among the files, by the name of the file."""
    rows: dict[str, Row] = {}
    for table in tables:
        where = f"{files.place}: {table}"
        try:
            with file_sets.reading(files, table) as stream:
                found = list(label_table.rows(stream, where, columns))
        except Unusable as error:
            raise UserError(f"{where} cannot be read: {error}.") from None
        rows |= _by_name(found, posixpath.dirname(table), where)
    return rows


def _by_name(rows: Sequence[Row], folder: str, where: str) -> dict[str, Row]:
    """Return rows by the files they name, from a folder on."""
    found: dict[str, Row] = {}
    for row in rows:
        name = posixpath.normpath(posixpath.join(folder, row.file))
        if name in found:
            raise UserError(f"{where} names {name} twice.")
        found[name] = row
    return found


def _of_each(names: Sequence[str], rows: dict[str, Row], where: str) -> list[Row]:
    """Return the row of each file, in the order of the files."""
    _refuse(sorted(set(rows) - set(names)), f"{where} names {{}} that are not there, such as {{}}.")
    _refuse(
        [name for name in names if name not in rows],
        f"{where} has no row for {{}}, such as {{}}. Add them, or take the files out.",
    )
    return [rows[name] for name in names]


def _refuse(names: Sequence[str], said: str) -> None:
    if names:
        raise UserError(said.format(f"{len(names):,} files", ", ".join(names[:_MOST_NAMED])))
