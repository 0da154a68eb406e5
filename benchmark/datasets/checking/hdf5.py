"""An HDF5 file of images by itself, with labels where they lie beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark import errors
from benchmark.contracts.images import Images
from benchmark.datasets import array_files, image_files, labels, pcam_checks
from benchmark.datasets.hdf5_pixels import Hdf5Pixels

_LABELS = "y"


def labelled(place: Path) -> Images:
    """Return the images of data set 'x', with the labels of 'y' in the same file or in the one named after it.

    Raises:
        UserError: If there are no such images, or another number of labels.
    """
    with pcam_checks.opened(place, image_files.DATA_SET) as data:
        where = f"{place} (data set '{image_files.DATA_SET}')"
        array_files.check_images(data.shape or (), data.dtype, where)
        count = len(data)
    source, beside = Hdf5Pixels(place, image_files.DATA_SET), _place_of_labels(place)
    if beside is None:
        return image_files.unlabelled(source, count, digest="")
    found = _read(beside)
    if len(found) != count:
        raise errors.UserError(f"{beside} has {len(found):,} labels but {place.name} has {count:,} images.")
    table = labels.Table([f"row {row}" for row in range(count)], [str(label) for label in found.tolist()])
    classes, numbers = labels.numbered(table, None, str(beside))
    return Images(source, np.arange(count), numbers, classes, None, digest="")


def labels_in(place: Path, *, count: int) -> list[str]:
    """Return the labels of data set 'y' of a file, as text.

    Raises:
        UserError: If there are none, or another number of them.
    """
    found = _read(place)
    if len(found) != count:
        raise errors.UserError(f"{place} has {len(found):,} labels for {count:,} images.")
    return [str(label) for label in found.tolist()]


def has_labels(place: Path) -> bool:
    """Tell whether labels lie beside the images."""
    return _place_of_labels(place) is not None


def files_beside(place: Path) -> tuple[Path, ...]:
    """Return the other file that labels lie in, if there is one."""
    found = _place_of_labels(place)
    return () if found is None or found == place else (found,)


def _place_of_labels(place: Path) -> Path | None:
    with pcam_checks.opened(place, image_files.DATA_SET) as data:
        if _LABELS in data.file:
            return place
    beside = place.with_name(f"{place.stem.removesuffix('_x')}_y{place.suffix}")
    return beside if place.stem.endswith("_x") and beside.is_file() else None


def _read(place: Path) -> NDArray[Any]:
    """Return the labels, whole numbers or text, shape (N,)."""
    with pcam_checks.opened(place, _LABELS) as data:
        if data.dtype.kind not in "iuOS" or data.size != (data.shape or (0,))[0]:
            raise errors.UserError(
                f"{place} (data set '{_LABELS}') is {data.shape} {data.dtype}: expected a number or text an image."
            )
        try:
            found = np.asarray(data[()]).reshape(-1)
            if data.dtype.kind in "iu":
                return found.astype(np.int64)
            return np.char.decode(found.astype(np.bytes_), "utf-8")
        except OSError as error:
            raise errors.UserError(pcam_checks.damaged(place, error)) from error
