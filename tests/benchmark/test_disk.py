"""Places on the disk, and sizes in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark import disk


def test_the_nearest_folder_that_is_there(tmp_path, monkeypatch):
    """Itself, one above, or the working folder for a relative one."""
    assert disk.nearest(tmp_path) == tmp_path
    assert disk.nearest(tmp_path / "a" / "b" / "c") == tmp_path
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert disk.nearest(tmp_path / "a" / "b" / "c") == tmp_path / "a" / "b"
    monkeypatch.chdir(tmp_path)
    assert disk.nearest(Path("x")) == tmp_path


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"), (1, "1 B"), (999, "999 B"), (1000, "1.0 kB"), (1049, "1.0 kB"), (1050, "1.1 kB"),
        (999_949, "999.9 kB"), (999_950, "1.0 MB"), (999_999, "1.0 MB"), (1_000_000, "1.0 MB"), (1_400_000_000, "1.4 GB"),
        (999_999_999_999, "1.0 TB"), (2_500_000_000_000, "2.5 TB"), (10**16, "10000.0 TB"),
    ],
)  # fmt: skip
def test_bytes_in_words(count, words):
    """Never a thousand of a unit where the next one says it, rounding included."""
    assert disk.in_words(count) == words
