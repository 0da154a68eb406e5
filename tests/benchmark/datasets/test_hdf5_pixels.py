"""Rows of an HDF5 data set in any order."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from benchmark import errors
from benchmark.datasets import hdf5_pixels


@pytest.mark.parametrize(
    "rows",
    [[0], [4, 5, 6], [9, 3, 1], [7, 7, 2, 7], [1399, 0, 1398, 0], [], list(range(1400)), list(range(1399, -1, -1))],
)
def test_reads_rows_in_the_order_asked_for(source: hdf5_pixels.Hdf5Pixels, values: np.ndarray, rows: list[int]) -> None:
    """Unsorted and repeated rows come back as NumPy would index them, runs longer than a block included."""
    wanted = np.array(rows, np.int64)
    np.testing.assert_array_equal(source.read(wanted), values[wanted])


def test_random_rows_match(source: hdf5_pixels.Hdf5Pixels, values: np.ndarray) -> None:
    """A thousand random rows with repeats."""
    wanted = np.random.default_rng(3).integers(0, len(values), 1000)
    np.testing.assert_array_equal(source.read(wanted), values[wanted])


@pytest.mark.parametrize("rows", [[-1], [0, 1400]])
def test_rows_outside_are_refused(source: hdf5_pixels.Hdf5Pixels, rows: list[int]) -> None:
    """HDF5 itself would clip a slice or count from the end."""
    with pytest.raises(IndexError, match="1400"):
        source.read(np.array(rows, np.int64))


def test_never_asks_the_file_for_more_than_a_run(
    source: hdf5_pixels.Hdf5Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory beside the result stays bounded however many rows are asked for."""
    asked: list[int] = []
    plain = h5py.Dataset.__getitem__

    def counting(self: h5py.Dataset, where: object) -> np.ndarray:
        found = plain(self, where)
        asked.append(len(found))
        return found

    monkeypatch.setattr(h5py.Dataset, "__getitem__", counting)
    source.read(np.arange(1400))
    assert max(asked) <= 512
    assert sum(asked) == 1400


LAYOUTS = {
    "several images a chunk": {"chunks": (32, 3, 5, 3), "compression": "gzip"},
    "an image a chunk": {"chunks": (1, 3, 5, 3), "compression": "gzip"},
    "many images cut into pieces": {"chunks": (100, 2, 2, 1), "compression": "gzip"},
    "an image cut into pieces": {"chunks": (1, 2, 5, 3)},
    "not compressed": {"chunks": (64, 3, 5, 3)},
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("rows", [[0], [7, 7, 2, 7], [1399, 0, 1398, 0, 33, 31, 32], list(range(1399, -1, -1)), []])
def test_layouts_of_the_file_make_no_difference(
    values: np.ndarray, tmp_path: Path, layout: dict[str, Any], rows: list[int]
) -> None:
    """Chunks of whole images and of parts of them, at edges that do not divide, in any order, with repeats."""
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("x", data=values, **layout)
    wanted = np.array(rows, np.int64)
    np.testing.assert_array_equal(hdf5_pixels.Hdf5Pixels(tmp_path / "x.h5", "x").read(wanted), values[wanted])


def test_a_chunk_is_unpacked_once_a_reading(
    values: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """200 random rows of 1,400 in chunks of 100 rows and a quarter of the image: no piece is asked for twice."""
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("x", data=values, chunks=(100, 2, 3, 3), compression="gzip")
    asked: list[tuple[slice, ...]] = []
    plain = h5py.Dataset.__getitem__

    def counting(self: h5py.Dataset, where: tuple[slice, ...]) -> np.ndarray:
        asked.append(where)
        return plain(self, where)

    monkeypatch.setattr(h5py.Dataset, "__getitem__", counting)
    rows = np.random.default_rng(5).integers(0, 1400, 200)
    np.testing.assert_array_equal(hdf5_pixels.Hdf5Pixels(tmp_path / "x.h5", "x").read(rows), values[rows])
    pieces = [(where[0].start // 100, where[1].start // 2, where[2].start // 3) for where in asked]
    assert all(where[0].start // 100 == (where[0].stop - 1) // 100 for where in asked)
    assert len(pieces) == len(set(pieces)) == 14 * 2 * 2


def test_opens_nothing_before_reading(tmp_path: Path) -> None:
    """A source may be made before its file."""
    source = hdf5_pixels.Hdf5Pixels(tmp_path / "later.h5", "x")
    with pytest.raises(errors.UserError, match=r"later\.h5 is missing"):
        source.read(np.array([0]))


def test_threads_read_at_once(source: hdf5_pixels.Hdf5Pixels, values: np.ndarray) -> None:
    """Eight threads get their own rows."""
    jobs = [np.random.default_rng(n).integers(0, len(values), 50) for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        for rows, found in zip(jobs, pool.map(source.read, jobs), strict=True):
            np.testing.assert_array_equal(found, values[rows])


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes_read_a_source_already_used(
    source: hdf5_pixels.Hdf5Pixels, values: np.ndarray, method: str
) -> None:
    """A source survives a fork after its first reading, and the pickling that takes it to a process."""
    source.read(np.array([5]))
    rows = np.array([1300, 2, 2])
    with multiprocessing.get_context(method).Pool(2) as pool:
        for found in pool.map(source.read, [rows] * 4):
            np.testing.assert_array_equal(found, values[rows])


def test_damage_found_while_reading_is_a_user_error(tmp_path: Path) -> None:
    """A compressed chunk overwritten on disk opens well and fails when read."""
    path = tmp_path / "x.h5"
    noise = np.random.default_rng(0).integers(0, 256, (8, 4, 4, 3), dtype=np.uint8)
    with h5py.File(path, "w") as file:
        data = file.create_dataset("x", data=noise, chunks=(1, 4, 4, 3), compression="gzip")
        where = data.id.get_chunk_info(5).byte_offset
    with path.open("r+b") as stream:
        stream.seek(where)
        stream.write(b"\xff" * 16)
    source = hdf5_pixels.Hdf5Pixels(path, "x")
    np.testing.assert_array_equal(source.read(np.array([4])), noise[[4]])
    with pytest.raises(errors.UserError, match=r"x\.h5 is damaged"):
        source.read(np.array([5]))


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    """1400 small images of noise."""
    return np.random.default_rng(1).integers(0, 256, (1400, 3, 5, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def source(values: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> hdf5_pixels.Hdf5Pixels:
    """The same images in a file."""
    path = tmp_path_factory.mktemp("pixels") / "x.h5"
    with h5py.File(path, "w") as file:
        file["x"] = values
    return hdf5_pixels.Hdf5Pixels(path, "x")
