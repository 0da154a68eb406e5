"""Pixels in an HDF5 data set, read row by row in any order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark import errors
from benchmark.datasets import pcam_checks

_LONGEST_RUN = 512


@dataclass(frozen=True)
class Hdf5Pixels:
    """Reads images from one data set; a `PixelSource`.

    The file is opened for each reading and closed after it. No handle is kept, so the object may be pickled,
    shared by threads and carried through a fork. Opening takes about a millisecond: read in blocks.
    """

    path: Path
    """HDF5 file."""
    key: str
    """Name of the data set, of shape (N, H, W, 3), uint8."""

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the images at `rows`.

        Args:
            rows: Row numbers in any order, repeats allowed, shape (n,).

        Returns:
            uint8, shape (n, H, W, 3), in the order of `rows`. Beside it memory holds at most 512 images.

        Raises:
            IndexError: A row lies outside the data set.
            UserError: The file has gone or is damaged.
        """
        pcam_checks.require_file(self.path)
        with pcam_checks.opened(self.path, self.key) as data:
            if len(rows) and not 0 <= rows.min() <= rows.max() < len(data):
                raise IndexError(f"rows {rows.min()} to {rows.max()} asked of {len(data)} in {self.path}")
            found = np.empty((len(rows), *data.shape[1:]), np.uint8)
            order = np.argsort(rows, kind="stable")
            for run in _runs(rows[order]):
                wanted = rows[order[run]]
                first, last = int(wanted[0]), int(wanted[-1])
                try:
                    found[order[run]] = data[first : last + 1][wanted - first]
                except OSError as error:
                    raise errors.UserError(pcam_checks.damaged(self.path, error)) from error
        return found


def _runs(rows: NDArray[np.int64]) -> Iterator[slice]:
    """Yield slices of sorted `rows` within which each row repeats or follows the one before."""
    breaks = np.flatnonzero(np.diff(rows) > 1) + 1
    edges = [0, *breaks.tolist(), len(rows)]
    for start, stop in itertools.pairwise(edges):
        for left in range(start, stop, _LONGEST_RUN):
            yield slice(left, min(left + _LONGEST_RUN, stop))
