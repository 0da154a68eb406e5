"""Checks on the HDF5 files of the PCam layout; every fault is one sentence a user can act on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from benchmark import errors

ADVICE = (
    "Fetch PatchCamelyon ('PCam'): bench data fetch pcam --data-root ROOT (8 GB, from Zenodo record 2546921). Or by "
    "the links on the PCam GitHub page (basveeling/pcam): unpack the .gz files; put "
    "camelyonpatch_level_2_split_{train,valid,test}_{x,y}.h5 into a folder 'pcam' under the data root, names "
    "unchanged. The ..._meta.csv files beside them are optional and give the slides. No data? The 'demo' suite needs "
    "none."
)
"""What to fetch, from where, and where to put it."""

_GZIP = b"\x1f\x8b"


def require_file(path: Path) -> None:
    """Check that a file of the layout is there.

    Raises:
        UserError: It is not; the message says what to fetch and where to put it.
    """
    try:
        if path.is_file():
            return
    except OSError as error:
        raise errors.UserError(f"{path} cannot be read: {error.strerror}.") from None
    packed = path.with_name(path.name + ".gz")
    if packed.is_file():
        raise errors.UserError(f"{path} is missing, but {packed.name} is there. Unpack it: gunzip -k '{packed}'")
    raise errors.UserError(f"{path} is missing. {ADVICE} Here that folder is {path.parent}/")


@contextlib.contextmanager
def opened(path: Path, key: str) -> Iterator[h5py.Dataset]:
    """Open the data set `key` of an HDF5 file for reading.

    Raises:
        UserError: The file is not HDF5, is cut short, cannot be read, or has no such data set.
    """
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise errors.UserError(_why_closed(path, error)) from error
    with file:
        if not isinstance(found := file.get(key), h5py.Dataset):
            keys = ", ".join(sorted(file)) or "(none)"
            raise errors.UserError(
                f"{path} has no data set '{key}'; its keys: {keys}. Expected a file of the PCam layout."
            )
        yield found


def patch_count(path: Path, shape: tuple[int, int, int]) -> int:
    """Return the number of patches in a pixel file, N >= 1.

    Raises:
        UserError: The file or its data set `x` is not (N, *shape) uint8.
    """
    with opened(path, "x") as data:
        _require_layout(path, data, shape)
        return int(data.shape[0])


def read_labels(path: Path) -> NDArray[np.int64]:
    """Return the labels of a label file, shape (N,), >= 0.

    Raises:
        UserError: The file or its data set `y` is not (N, 1, 1, 1) uint8.
    """
    with opened(path, "y") as data:
        _require_layout(path, data, (1, 1, 1))
        try:
            return np.asarray(data[:, 0, 0, 0], dtype=np.int64)
        except OSError as error:
            raise errors.UserError(damaged(path, error)) from error


def damaged(path: Path, error: OSError) -> str:
    """Return the message for a file whose contents cannot be read."""
    return f"{path} is damaged: {error}. Fetch or write it again."


def _require_layout(path: Path, data: h5py.Dataset, shape: tuple[int, ...]) -> None:
    """Refuse a data set that is not (N, *shape) uint8 with N >= 1."""
    key = data.name.strip("/")
    wanted = f"(N, {', '.join(map(str, shape))}) uint8"
    if data.shape is None or data.shape[1:] != shape or data.dtype != np.uint8:
        raise errors.UserError(f"{path} (key '{key}') is {data.shape} {data.dtype}; expected {wanted}.")
    if data.shape[0] == 0:
        raise errors.UserError(f"{path} (key '{key}') is empty; expected {wanted} with N of at least 1.")


def _why_closed(path: Path, error: OSError) -> str:
    """Return why an HDF5 file cannot be opened."""
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
    except OSError as reason:
        return f"{path} cannot be read: {reason.strerror}."
    if start.startswith(_GZIP):
        return f"{path} is still compressed (gzip); expected HDF5. Rename it to {path.name}.gz and gunzip it."
    if "truncated" in str(error):
        return f"{path} is cut short ({path.stat().st_size:,} bytes): {error}. Fetch or write it again."
    if start != b"\x89HDF\r\n\x1a\n":
        return f"{path} is not an HDF5 file ({path.stat().st_size:,} bytes); expected a PCam .h5 file."
    return damaged(path, error)
