"""Arrays on disk."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from benchmark.artifacts import arrays

HARM = b"cos\nmkdir\n(Vharm\ntR."
"""A pickle that makes a folder when it is loaded."""


@pytest.fixture
def path(tmp_path: Path, monkeypatch) -> Path:
    """A file in the working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "a.npy"


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize(
    "array",
    [
        np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
        np.array([0.1, -0.0, np.nan, np.inf], np.float32),
        np.array([2**62, -1], np.int64),
        np.array(["slide-1", "ß€"], np.str_),
        np.zeros((0, 5), np.float64),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
    ],
)
def test_an_array_reads_back_bit_by_bit(path, array, mapped):
    """Type, shape and every value, in memory or left on disk."""
    arrays.save(path, array)
    found = arrays.load(path, mapped=mapped and array.size > 0)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert np.ascontiguousarray(found).tobytes() == np.ascontiguousarray(array).tobytes()


def test_a_mapped_array_stays_on_disk_and_cannot_be_written(path):
    """It is a result of the store; an unmapped one is a copy."""
    arrays.save(path, np.arange(3))
    mapped = arrays.load(path, mapped=True)
    assert isinstance(mapped, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        mapped[0] = 9
    copy = arrays.load(path)
    assert not isinstance(copy, np.memmap)
    copy[0] = 9
    assert arrays.load(path)[0] == 0


def test_an_array_of_objects_is_refused(path):
    """Only a pickle could hold it."""
    with pytest.raises(ValueError, match="allow_pickle=False"):
        arrays.save(path, np.array([{}, None], object))


@pytest.mark.parametrize("mapped", [False, True])
def test_a_pickle_is_not_loaded(path, mapped):
    """Neither as an array of objects nor as a bare pickle; nothing in it is called."""
    with path.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, {"descr": "|O", "fortran_order": False, "shape": (1,)})
        stream.write(HARM)
    with pytest.raises(ValueError):
        arrays.load(path, mapped=mapped)
    path.write_bytes(HARM)
    with pytest.raises(ValueError):
        arrays.load(path, mapped=mapped)
    assert not Path("harm").exists()


@pytest.mark.parametrize("mapped", [False, True])
def test_a_file_cut_short_is_an_error(path, mapped):
    """Never a shorter array."""
    arrays.save(path, np.arange(100))
    whole = path.stat().st_size
    for length in (whole - 1, whole // 2, 20, 5, 0):
        os.truncate(path, length)
        with pytest.raises((ValueError, EOFError)):
            arrays.load(path, mapped=mapped)
