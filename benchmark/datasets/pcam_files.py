"""The official PCam file layout: names, places, and a reader of one split.

ROOT/pcam/ holds, per split, `camelyonpatch_level_2_split_{split}_x.h5` (key `x`, uint8 (N, 96, 96, 3)),
`..._y.h5` (key `y`, uint8 (N, 1, 1, 1)) and, at will, `..._meta.csv` with the slide of each patch.
Source: Veeling et al. (2018), PatchCamelyon.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmark import digests, errors
from benchmark.contracts import dataset, images
from benchmark.datasets import hdf5_pixels, pcam_checks, pcam_meta, splits

Part = Literal["x", "y", "meta"]
"""A split's pixels, labels or slide table."""

CLASSES = ("healthy", "cancer")
"""Label words of PCam in the order of the label; those Osorio et al. (2024) prompt with."""

PATCH_SHAPE = (96, 96, 3)
"""Shape of one patch."""

LAYOUT = dataset.Layout(classes=CLASSES, side=PATCH_SHAPE[0])
"""What all patches have in common."""


def split_path(root: Path, split: splits.Split, part: Part) -> Path:
    """Return where a file of the layout lies under `root`; it need not exist."""
    ending = "csv" if part == "meta" else "h5"
    return root / "pcam" / f"camelyonpatch_level_2_split_{split}_{part}.{ending}"


def split_files(root: Path, split: splits.Split) -> tuple[Path, ...]:
    """Return the files of a split: x, y and, where it exists, meta.

    Raises:
        UserError: x or y is missing.
    """
    pixels, labels = (split_path(root, split, part) for part in ("x", "y"))
    for path in (pixels, labels):
        pcam_checks.require_file(path)
    meta = split_path(root, split, "meta")
    return (pixels, labels, meta) if meta.is_file() else (pixels, labels)


def open_split(
    root: Path,
    split: splits.Split,
    *,
    classes: tuple[str, ...],
    digest: Callable[[Path], str] = digests.of_file,
) -> images.Images:
    """Open a split of the PCam layout; pixels are read when asked for.

    Args:
        root: Folder that holds `pcam/`.
        split: Which split.
        classes: Class names; a label is an index into them.
        digest: Digests a file. Pass a memoised one to spare large files a second reading.

    Returns:
        The patches in file order, with slides where the meta file is there. The digest is over the names and
        digests of the split's files.

    Raises:
        UserError: A file is missing, damaged, not of this layout, or contradicts another.
    """
    files = split_files(root, split)
    count = pcam_checks.patch_count(files[0], PATCH_SHAPE)
    labels = _labels(files[1], count, pixels=files[0], classes=classes)
    slides = pcam_meta.read_slides(files[2], count) if len(files) == 3 else None
    return images.Images(
        source=hdf5_pixels.Hdf5Pixels(files[0], "x"),
        rows=np.arange(count, dtype=np.int64),
        labels=labels,
        classes=classes,
        slides=slides,
        digest=digests.of_files({path.name: digest(path) for path in files}),
    )


def _labels(path: Path, count: int, *, pixels: Path, classes: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the labels, shape (count,), checked against the pixels' count and the classes."""
    labels = pcam_checks.read_labels(path)
    if len(labels) != count:
        raise errors.UserError(
            f"{path} has {len(labels):,} labels but {pixels.name} has {count:,} patches; expected one label per "
            "patch. The two files are not of one release: fetch or write both again."
        )
    outside = np.flatnonzero(labels >= len(classes))
    if len(outside):
        row = int(outside[0])
        raise errors.UserError(
            f"{path} (key 'y'): label {labels[row]} at row {row:,} is outside the {len(classes)} classes "
            f"({', '.join(classes)}); expected labels 0 to {len(classes) - 1}. {len(outside):,} of {count:,} "
            "labels are outside. Name every class, or check that this is the right file."
        )
    return labels
