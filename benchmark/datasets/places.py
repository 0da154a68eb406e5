"""Images at a path, whatever lies there, with all that is known of them: labels, slides, splits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark import digests
from benchmark.contracts.images import ArraySource, Images, PixelSource
from benchmark.datasets import arrays, file_sets, file_state, image_files, image_folder, label_table
from benchmark.datasets.checking import hdf5
from benchmark.datasets.file_sets import FileSet
from benchmark.datasets.folder import of_files
from benchmark.datasets.gathered import Gathering
from benchmark.datasets.label_table import Columns
from benchmark.datasets.labels import Table
from benchmark.errors import UserError, plain

UNLABELLED = "unlabelled"
"""Class of all images where nothing tells one."""

_HDF5 = (".h5", ".hdf5")
_MOST_NAMED = 3


class Found(NamedTuple):
    """What lies at a path."""

    gathering: Gathering
    """Without the images that are to be left out."""
    is_labelled: bool
    note: str | None
    """What a reader must know, such as files that are no images."""

    def without_labels(self) -> Found:
        """Return the same as if nothing told a class."""
        table = self.gathering.table
        bare = replace(table, labels=[UNLABELLED] * len(table.names))
        return Found(replace(self.gathering, table=bare), False, self.note)

    def images(self) -> Images:
        """Return the images under the classes that are found, sorted as text."""
        table = self.gathering.table
        classes, labels = np.unique(np.array(table.labels, np.str_), return_inverse=True)
        return Images(
            source=self.gathering.source,
            rows=np.arange(len(table.names)),
            labels=labels.astype(np.int64),
            classes=tuple(classes.tolist()),
            slides=None if table.slides is None else np.array(table.slides, np.str_),
            digest=digests.of_value([self.gathering.state(), list(table.names), list(table.labels)]),
        )


def find(place: Path, *, labels: Path | None = None, without: Collection[str] = ()) -> Found:
    """Return the images at a path; no pixels are read.

    Args:
        place: A folder, or a zip archive of one; a ``.npy`` or ``.npz`` file of shape (N, H, W, 3), uint8; or an HDF5
            file with such a data set ``x``.
        labels: A table (`benchmark.datasets.label_table`): of files, their paths below the folder; of arrays, a row an
            image in order, or an HDF5 file with a data set ``y``. It comes before what lies at the path itself: a
            ``metadata.csv`` or ``.jsonl``, folders of splits and classes; arrays ``labels``, ``classes``, ``slides``
            and ``split`` of a ``.npz`` file; the data set ``y`` of an HDF5 file or of the one beside it.
        without: Images to leave out, by the names of the table that is returned: paths of files, or ``row 17``.

    Raises:
        UserError: If nothing is there, it cannot be read, it tells of labels that do not fit, or an image that is to be
            left out is not there.
    """
    suffix = place.suffix.lower()
    if place.is_dir() or (place.is_file() and suffix == ".zip"):
        return _of_files(file_sets.opened(place), labels, without)
    if not place.exists():
        raise UserError(f"{place} is not there. {image_files.EXPECTED}")
    if suffix in _HDF5:
        source, table = _of_hdf5(place)
    elif suffix in (".npy", ".npz"):
        source, table = _of_arrays(place)
    else:
        raise UserError(f"{place} is a {suffix or 'suffixless'} file. {image_files.EXPECTED}")
    if labels is not None and labels.suffix.lower() in _HDF5:
        table = Table(table.names, hdf5.labels_in(labels, count=len(table.names)))
    elif labels is not None:
        table = label_table.in_order(labels, Columns(), count=len(table.names))
    files = [place, *((labels,) if labels is not None else hdf5.files_beside(place) if suffix in _HDF5 else ())]
    return _of_rows(place, source, table, files, without)


@dataclass(frozen=True)
class _Chosen:
    """Some rows of a source."""

    source: PixelSource
    rows: NDArray[np.int64]

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the images at `rows` of those chosen."""
        return self.source.read(self.rows[rows])


def _of_files(files: FileSet, labels: Path | None, without: Collection[str]) -> Found:
    names = file_sets.images_of(files)
    is_labelled, others = True, (labels,) if labels is not None else ()
    try:
        table, read = image_folder.read(files, Columns(), outside=labels)
    except image_folder.Unlabelled:
        is_labelled, table, read = False, Table(names, [UNLABELLED] * len(names)), ()
    kept = _kept(names, without, files.place)
    table = _taken(table, kept)
    gathering = of_files(files, tuple(table.names), table, read)
    notes = (image_files.left_out(files), *(() if is_labelled else (image_files.pooled(names), _loose(names))))
    return Found(_with(gathering, others), is_labelled, "; ".join(filter(None, notes)) or None)


def _loose(names: Sequence[str]) -> str | None:
    """Return which files lie beside folders: one is enough that folders are not taken for classes."""
    found = [name for name in names if "/" not in name]
    if not found or len(found) == len(names):
        return None
    more = f" and {len(found) - 1:,} more lie" if len(found) > 1 else " lies"
    return f"folders are no classes, since {plain(found[0])}{more} in none"


def _of_rows(place: Path, source: PixelSource, table: Table, files: list[Path], without: Collection[str]) -> Found:
    is_labelled = any(table.labels)
    if not is_labelled:
        table = Table(table.names, [UNLABELLED] * len(table.names), table.slides, table.splits)
    kept = _kept(table.names, without, place)
    chosen = source if len(kept) == len(table.names) else _Chosen(source, kept)
    side = source.read(np.zeros(1, np.int64)).shape[1:3]
    gathering = Gathering(
        place=place,
        source=chosen,
        table=_taken(table, kept),
        files=files,
        state=lambda: digests.of_value([file_state.of_file(path) for path in files]),
        size=lambda: (side[0], side[1]),
    )
    return Found(gathering, is_labelled, None)


def _of_arrays(place: Path) -> tuple[PixelSource, Table]:
    if place.suffix.lower() == ".npz":
        pixels, table = arrays.of_archive(place)
    else:
        pixels, table = arrays.of_mapped(place), None
    return ArraySource(pixels), table or _unlabelled(len(pixels))


def _of_hdf5(place: Path) -> tuple[PixelSource, Table]:
    images = hdf5.labelled(place)
    if not hdf5.has_labels(place):
        return images.source, _unlabelled(len(images))
    found = [images.classes[label] for label in images.labels.tolist()]
    return images.source, Table([f"row {row}" for row in range(len(images))], found)


def _unlabelled(count: int) -> Table:
    return Table([f"row {row}" for row in range(count)], [""] * count)


def _kept(names: Collection[str], without: Collection[str], place: Path) -> NDArray[np.int64]:
    """Return the positions of the names that stay."""
    lost = sorted(set(without) - set(names))
    if lost:
        more = f" and {len(lost) - _MOST_NAMED:,} more" if len(lost) > _MOST_NAMED else ""
        raise UserError(
            f"{place}: {plain(', '.join(lost[:_MOST_NAMED]))}{more} should be left out, but are not there. The images "
            "changed since they were looked at: look at them again."
        )
    gone = set(without)
    kept = np.array([at for at, name in enumerate(names) if name not in gone], np.int64)
    if not len(kept):
        raise UserError(f"{place}: all {len(names):,} images are to be left out. None remains.")
    return kept


def _taken(table: Table, kept: NDArray[np.int64]) -> Table:
    """Return some rows of a table."""
    at = kept.tolist()
    return Table(
        [table.names[row] for row in at],
        [table.labels[row] for row in at],
        None if table.slides is None else [table.slides[row] for row in at],
        None if table.splits is None else [table.splits[row] for row in at],
    )


def _with(gathering: Gathering, others: tuple[Path, ...]) -> Gathering:
    """Return a gathering that hangs on other files too."""
    if not others:
        return gathering
    state = gathering.state
    return replace(
        gathering,
        files=[*gathering.files, *others],
        state=lambda: digests.of_value([state(), *map(file_state.of_file, others)]),
    )
