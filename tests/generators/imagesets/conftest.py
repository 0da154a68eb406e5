"""Image sets of one's own: three bright and two dark squares that tell which they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from toybench import image_sets


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes the images as files, by default in a folder for each class."""
    return lambda names=None: image_sets.write_folder(tmp_path / "set", names)


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Writes the images as one file, with or without labels."""
    return lambda suffix, labels=None: image_sets.write_file(tmp_path / f"set{suffix}", labels)
