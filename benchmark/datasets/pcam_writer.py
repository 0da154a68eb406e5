"""Writes patches in the official PCam file layout, all splits or none."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from benchmark import errors
from benchmark.datasets import pcam_files, pcam_meta, splits, staging


class PatchBlock(NamedTuple):
    """Some patches in a row."""

    images: NDArray[np.uint8]
    """uint8 RGB, shape (n, 96, 96, 3)."""
    labels: NDArray[np.uint8]
    """Labels, shape (n,)."""
    meta: tuple[pcam_meta.MetaRow, ...]
    """Slide table entries, n of them."""


class SplitSource(NamedTuple):
    """All patches of a split."""

    size: int
    """How many patches there are in all."""
    blocks: Iterable[PatchBlock]
    """The patches in order."""


def write_splits(root: Path, sources: Mapping[splits.Split, SplitSource]) -> None:
    """Write x, y and meta files of each split to `root`/pcam/.

    The files appear under their names only when all are complete. Equal patches give equal bytes under the same
    HDF5 version.

    Args:
        root: Folder to hold `pcam/`.
        sources: The patches of each split.

    Raises:
        UserError: A file exists already, or the disk refuses.
        OSError: The disk is full.
        ValueError: A source has more or fewer patches than it says.
    """
    parts: tuple[pcam_files.Part, ...] = ("x", "y", "meta")
    paths = [pcam_files.split_path(root, split, part) for split in sources for part in parts]
    try:
        with staging.together(paths) as aside:
            for number, source in enumerate(sources.values()):
                pixels, labels, meta = aside[3 * number : 3 * number + 3]
                _write_split(pixels, labels, meta, source)
    except OSError as error:
        if errors.is_full(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(root)) from error
        raise errors.UserError(f"{root}: the dataset could not be written there: {error}.") from error


def _write_split(pixels: Path, labels: Path, meta: Path, source: SplitSource) -> None:
    """Write the three files of a split, block by block."""
    start = 0
    with (
        h5py.File(pixels, "w") as pixel_file,
        h5py.File(labels, "w") as label_file,
        meta.open("w", newline="", encoding="utf-8") as meta_file,
    ):
        x = pixel_file.create_dataset("x", (source.size, *pcam_files.PATCH_SHAPE), np.uint8)
        y = label_file.create_dataset("y", (source.size, 1, 1, 1), np.uint8)
        rows = pcam_meta.RowWriter(meta_file)
        for block in source.blocks:
            stop = start + len(block.images)
            if stop > source.size:
                raise ValueError(f"the blocks hold more than the {source.size} patches announced")
            x[start:stop] = block.images
            y[start:stop, 0, 0, 0] = block.labels
            rows.write(block.meta)
            start = stop
    if start != source.size:
        raise ValueError(f"the blocks hold {start} patches, not the {source.size} announced")
