"""A small copy of the PCam layout, written with h5py alone."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

NAME = "camelyonpatch_level_2_split_{split}_{part}"


@pytest.fixture
def pcam_root(tmp_path: Path) -> Path:
    """Return a data root with three splits of 20, 8 and 6 patches; row r of a split is filled with gray r."""
    (tmp_path / "pcam").mkdir()
    for split, count in (("train", 20), ("valid", 8), ("test", 6)):
        write_split(tmp_path, split, count)
    return tmp_path


def write_split(root: Path, split: str, count: int) -> None:
    """Write x, y and meta of one split; labels are 0, 0, 1 repeated, slides change every three rows."""
    stem = root / "pcam" / NAME
    pixels = np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None, None], (count, 96, 96, 3))
    labels = (np.arange(count) % 3 == 2).astype(np.uint8).reshape(-1, 1, 1, 1)
    with h5py.File(str(stem).format(split=split, part="x.h5"), "w") as file:
        file["x"] = pixels
    with h5py.File(str(stem).format(split=split, part="y.h5"), "w") as file:
        file["y"] = labels
    rows = [
        f"{r},{10 * r},{7 * r},{labels[r, 0, 0, 0] == 1},{labels[r, 0, 0, 0] == 1},slide_{r // 3}" for r in range(count)
    ]
    table = ",coord_y,coord_x,tumor_patch,center_tumor_patch,wsi\n" + "\n".join(rows) + "\n"
    Path(str(stem).format(split=split, part="meta.csv")).write_text(table)
