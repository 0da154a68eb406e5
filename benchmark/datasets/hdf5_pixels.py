"""Pixels in an HDF5 data set, read row by row in any order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark import errors
from benchmark.datasets import pcam_checks

_LONGEST_RUN = 512


@dataclass(frozen=True)
class Hdf5Pixels:
    """Reads images from one data set; a `PixelSource`.

    The file is opened for each reading and closed after it. No handle is kept, so the object may be pickled,
    shared by threads and carried through a fork. Opening takes about a millisecond, and a compressed chunk is unpacked
    once a reading however many of its rows are asked for: read in blocks.
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
            uint8, shape (n, H, W, 3), in the order of `rows`. Beside it memory holds at most 512 images, or one of
            the file's chunks where that is more.

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
            tiles = list(_tiles(data.shape[1:], data.chunks))
            try:
                for run in _runs(rows[order], 1 if data.chunks is None else data.chunks[0]):
                    places, wanted = order[run], rows[order[run]]
                    first, last = int(wanted[0]), int(wanted[-1])
                    for tile in tiles:
                        where: tuple[Any, ...] = (places, *tile)
                        found[where] = data[first : last + 1, *tile][wanted - first]
            except OSError as error:
                raise errors.UserError(pcam_checks.damaged(self.path, error)) from error
        return found


def _runs(rows: NDArray[np.int64], chunk: int) -> Iterator[slice]:
    """Yield slices of sorted `rows` that are read at once.

    Args:
        rows: Row numbers, sorted, repeats allowed.
        chunk: How many rows lie in one chunk of the file.

    Yields:
        The rows of one chunk each, where it holds several: what lies between them is unpacked anyway. Else, rows that
        repeat or follow the one before.
    """
    if chunk > 1:
        edges = [0, *(np.flatnonzero(np.diff(rows // chunk)) + 1).tolist(), len(rows)]
        yield from (slice(start, stop) for start, stop in itertools.pairwise(edges) if start < stop)
        return
    edges = [0, *(np.flatnonzero(np.diff(rows) > 1) + 1).tolist(), len(rows)]
    for start, stop in itertools.pairwise(edges):
        for left in range(start, stop, _LONGEST_RUN):
            yield slice(left, min(left + _LONGEST_RUN, stop))


def _tiles(shape: tuple[int, ...], chunks: tuple[int, ...] | None) -> Iterator[tuple[slice, ...]]:
    """Yield the parts of an image that lie in chunks of their own, one if all is in one.

    Where h5py chooses the chunks, a patch lies in hundreds. Taken one after the other, one chunk is in memory.
    """
    sides = shape if chunks is None else chunks[1:]
    cuts = [[slice(at, min(at + side, full)) for at in range(0, full, side)]
            for full, side in zip(shape, sides, strict=True)]  # fmt: skip
    yield from itertools.product(*cuts)
