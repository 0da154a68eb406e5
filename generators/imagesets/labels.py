"""Images made elsewhere and the labels that come with them. Pixels are read by `benchmark.datasets.image_files`."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts.images import Images
from benchmark.datasets import image_files, pcam_checks
from benchmark.datasets.image_files import FilePixels
from benchmark.errors import UserError, plain

TABLE = "metadata.csv"
"""Name of the table that a folder may hold, as in the image folders of the Hugging Face hub."""
FILE, LABEL = "file_name", "label"
"""Columns of a table: the path of an image below the folder, and its label."""
NPZ_KEY, HDF5_KEY = "labels", "y"
"""Names of the labels in an .npz file, and in an HDF5 file as in PCam's layout."""
UNLABELLED = ("",)
"""Classes of a set without labels."""

_MOST_NAMED = 3


def opened(place: Path, table: Path | None = None) -> Images:
    """Return the images at a place with their labels.

    Args:
        place: Whatever `image_files.opened` takes. Labels are looked for in this order: in `table`; in the folder's
            own `TABLE`; in the names of its subfolders; in the data set ``labels`` of an .npz file or ``y`` of an HDF5
            file.
        table: A CSV file with the column `LABEL`; for a folder also `FILE`, for an array one row an image in order.

    Returns:
        Classes are the labels as they are found, as text, sorted; `UNLABELLED` where there are none.

    Raises:
        UserError: If an image or a table cannot be read, or some images have a label and others have none.
    """
    images = image_files.opened(place).images
    names = list(images.source.names) if isinstance(images.source, FilePixels) else None
    if names is not None and table is None and (place / TABLE).is_file():
        table = place / TABLE
    found: list[str] | None
    if table is not None:
        found = _of_table(table, names, len(images))
    elif names is not None:
        found = _of_subfolders(place, names)
    else:
        found = _of_arrays(place, len(images))
    if found is None:
        return images
    classes, labels = np.unique(np.array(found, np.str_), return_inverse=True)
    return replace(images, labels=labels.astype(np.int64), classes=tuple(classes.tolist()))


def _of_subfolders(place: Path, names: Sequence[str]) -> list[str] | None:
    """Return for each image the first folder on the way to it; None where all lie side by side."""
    outside = [name for name in names if "/" not in name]
    if len(outside) == len(names):
        return None
    if outside:
        raise UserError(
            f"{place}: {len(outside)} of {len(names)} images lie in no subfolder ({_some(outside)}), and so have no "
            f"label. Put each into the folder of its class, or write {TABLE} with the columns {FILE} and {LABEL}."
        )
    return [name.split("/", 1)[0] for name in names]


def _of_table(table: Path, names: Sequence[str] | None, count: int) -> list[str]:
    rows = _rows(table, [LABEL] if names is None else [FILE, LABEL])
    if names is None:
        if len(rows) != count:
            raise UserError(f"{table} has {len(rows)} rows for {count} images. Expected a row an image, in order.")
        return [row[LABEL] for row in rows]
    found = {row[FILE]: row[LABEL] for row in rows}
    if len(found) < len(rows):
        raise UserError(f"{table} names {len(rows) - len(found)} files more than once. Expected a row a file.")
    missing = [name for name in names if name not in found]
    if missing:
        raise UserError(
            f"{table} has no row for {len(missing)} of {len(names)} images ({_some(missing)}). Expected one for each, "
            f"with its path below the folder as {FILE}."
        )
    strangers = sorted(found.keys() - set(names))
    if strangers:
        raise UserError(f"{table} names {len(strangers)} images that are not there ({_some(strangers)}).")
    return [found[name] for name in names]


def _rows(table: Path, wanted: Sequence[str]) -> list[dict[str, str]]:
    try:
        with table.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream, strict=True)
            columns = reader.fieldnames or ()
            if lacking := [name for name in wanted if name not in columns]:
                raise UserError(
                    f"{table} has no column '{lacking[0]}'. Expected the columns {', '.join(wanted)}; found "
                    f"{plain(', '.join(columns)) or 'none'}."
                )
            rows = [{name: (row[name] or "").strip() for name in wanted} for row in reader]
    except OSError as error:
        raise UserError(f"{table} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{table} is no CSV file in UTF-8 ({error}).") from None
    empty = [number for number, row in enumerate(rows, start=2) if not all(row.values())]
    if empty:
        raise UserError(f"{table}: {len(empty)} rows lack a name or a label, the first in line {empty[0]}.")
    return rows


def _of_arrays(place: Path, count: int) -> list[str] | None:
    if place.suffix.lower() == ".npz":
        found = _in_npz(place)
    elif place.suffix.lower() in (".h5", ".hdf5"):
        found = _in_hdf5(place)
    else:
        return None
    if found is None:
        return None
    labels = found.reshape(-1) if found.size == count else found  # PCam's labels are of shape (N, 1, 1, 1).
    if labels.shape != (count,) or labels.dtype.kind not in "iuU":
        raise UserError(
            f"{place}: its labels are {found.shape} {found.dtype}. Expected ({count},), whole numbers or text."
        )
    return [str(label) for label in labels.tolist()]


def _in_npz(place: Path) -> NDArray[Any] | None:
    try:
        with np.load(place, allow_pickle=False) as arrays:
            return arrays[NPZ_KEY] if NPZ_KEY in arrays.files else None
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise UserError(f"{place}: its labels cannot be read ({error}). Expected whole numbers or text.") from None


def _in_hdf5(place: Path) -> NDArray[Any] | None:
    import h5py

    with h5py.File(place) as file:
        if HDF5_KEY not in file:
            return None
    with pcam_checks.opened(place, HDF5_KEY) as data:
        found = np.asarray(data)
        return np.char.decode(found.astype(np.bytes_), "utf-8") if data.dtype.kind in "OS" else found


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return plain(", ".join(names[:_MOST_NAMED])) + (f" and {more} more" if more > 0 else "")
