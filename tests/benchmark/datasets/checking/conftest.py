"""A small copy of the PCam layout."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest


@pytest.fixture
def pcam_root(tmp_path: Path) -> Path:
    """A data root with three splits of 20, 8 and 6 different patches, without slides."""
    folder = tmp_path / "pcam"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for split, count in (("train", 20), ("valid", 8), ("test", 6)):
        for part, data in (
            ("x", rng.integers(0, 256, (count, 96, 96, 3), np.uint8)),
            ("y", (np.arange(count) % 2).astype(np.uint8).reshape(-1, 1, 1, 1)),
        ):
            with h5py.File(folder / f"camelyonpatch_level_2_split_{split}_{part}.h5", "w") as file:
                file[part] = data
    return tmp_path
