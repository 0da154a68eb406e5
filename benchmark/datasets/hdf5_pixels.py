"""Pixels in an HDF5 data set, read row by row in any order."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from benchmark import errors
from benchmark.datasets import pcam_checks

_LONGEST_RUN = 512


class Hdf5Pixels:
    """Reads images from one data set; a `PixelSource`.

    The file is opened at the first reading and anew in every process, so the object can be pickled, shared by
    threads and carried through a fork.
    """

    def __init__(self, path: Path, key: str) -> None:
        """Remember where the pixels are.

        Args:
            path: HDF5 file.
            key: Data set of shape (N, H, W, 3), uint8.
        """
        self.path = path
        self.key = key
        self._handle: tuple[int, h5py.File] | None = None
        self._lock = threading.Lock()
        os.register_at_fork

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the images at `rows`.

        Args:
            rows: Row numbers, in any order, repeats allowed, shape (n,).

        Returns:
            uint8, shape (n, H, W, 3), in the order of `rows`. Beside it, memory holds at most 512 images.

        Raises:
            IndexError: A row lies outside the data set.
            UserError: The file has gone or is damaged.
        """
