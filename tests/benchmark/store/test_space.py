"""Whether a plan fits, on the real disk and at the very edge."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.store import space

Usage = namedtuple("Usage", "total used free")


def test_what_fits_is_let_through(tmp_path):
    """A byte needs a byte and the margin."""
    assert shutil.disk_usage(tmp_path).free > 60_000_000
    assert space.require(tmp_path / "not" / "there" / "yet", 1) is None


def test_what_does_not_fit_is_refused_in_words(tmp_path):
    """What is needed, where, what is there, and three ways out."""
    with pytest.raises(UserError) as error:
        space.require(tmp_path / "store", 10**18)
    needed, _, rest = str(error.value).partition(" in ")
    assert needed == "This run needs about 1000000.0 TB"
    place, _, rest = rest.partition(", where ")
    assert place == str(tmp_path / "store")
    free, _, advice = rest.partition(" are free. ")
    assert free.split()[1] in ("B", "kB", "MB", "GB", "TB")
    assert advice == "Free some (bench store gc), name another folder with --store, or use --limit."
    assert not (tmp_path / "store").exists()


def test_a_folder_is_tried(tmp_path):
    """Nothing stays; where nothing can be written, it is the system's error."""
    assert space.try_to_write(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError):
        space.try_to_write(Path("/proc"))


def test_the_margin_is_asked_for_to_the_byte(tmp_path, monkeypatch):
    """50 MB stay free for records, logs and the tracker."""
    asked = []

    def usage(folder: Path) -> Usage:
        asked.append(folder)
        return Usage(0, 0, 51_000_000)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    space.require(tmp_path / "a" / "b", 1_000_000)
    with pytest.raises(UserError, match=r"needs about 51.0 MB in .*, where 51.0 MB are free"):
        space.require(tmp_path / "a" / "b", 1_000_001)
    assert asked == [tmp_path, tmp_path]
