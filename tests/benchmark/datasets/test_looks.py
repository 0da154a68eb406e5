"""A look at every image, whatever is wrong with some."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image
from toybench import pictures

from benchmark.contracts.images import ArraySource, Images
from benchmark.datasets import file_sets, image_files, looks
from benchmark.datasets.hdf5_pixels import Hdf5Pixels
from benchmark.datasets.image_files import FilePixels
from benchmark.errors import UserError


def of_arrays(pixels: np.ndarray) -> Images:
    return image_files.unlabelled(ArraySource(pixels), len(pixels), "")


def of_folder(place: Path) -> Images:
    files = file_sets.opened(place)
    names = file_sets.images_of(files)
    return image_files.unlabelled(FilePixels(files, names), len(names), "")


def test_blank_and_nearly_blank_images_are_told_from_others() -> None:
    """By the standard deviation of the channel that varies most; a speck on a plain ground is no picture either."""
    pixels = np.full((6, 32, 32, 3), 240, np.uint8)
    pixels[1, 5, 5] = 0  # One pixel in 1,024: a deviation of 7.5.
    pixels[2, 5, 5] = 190  # 1.6.
    pixels[3, :, ::2, 1] += 5  # 2.5, in one channel alone.
    pixels[4, :, ::2] += 3  # 1.5.
    pixels[5] = pictures.noise(0, 32)
    seen = looks.at(of_arrays(pixels))
    assert seen.blank.tolist() == [True, False, False, False, False, False]
    assert seen.nearly_blank.tolist() == [False, False, True, False, True, False]


def test_a_colored_image_is_blank_if_it_is_of_one_color() -> None:
    """Its channels need not be equal."""
    seen = looks.at(of_arrays(np.full((1, 8, 8, 3), [200, 10, 90], np.uint8)))
    assert seen.blank.tolist() == [True]


def test_equal_pixels_have_equal_digests_in_whatever_files(tmp_path: Path) -> None:
    """And unlike ones, or those of another shape, have others."""
    pixels = np.stack([pictures.noise(seed) for seed in (0, 1)])
    for name, image in (
        ("a.png", pixels[0]),
        ("b.tif", pixels[0]),
        ("c.png", pixels[1]),
        ("d.png", pixels[0].reshape(8, 32, 3)),
    ):
        Image.fromarray(image).save(tmp_path / name)
    a, b, c, d = looks.at(of_folder(tmp_path)).digests
    assert a == b
    assert len({bytes(one) for one in (a, c, d)}) == 3
    assert looks.at(of_arrays(pixels)).digests.tolist() == [a.item(), c.item()]


def test_bad_files_hide_no_others(tmp_path: Path) -> None:
    """Each with its kind; sizes and formats of the others."""
    pictures.write_classes(tmp_path, {"a": 3})
    expected = pictures.plant_bad(tmp_path, tmp_path / "a" / "0000.png")
    images = of_folder(tmp_path)
    seen = looks.at(images)
    found = {looks.name_of(images, at): fault.kind for at, fault in seen.faults.items()}
    assert found == {name: kind for name, kind in expected.items() if kind not in ("size", "duplicate")}
    assert seen.usable.sum() == 5
    assert sorted(map(tuple, seen.sizes[seen.usable].tolist())) == [(1, 1)] + [(16, 16)] * 4
    assert set(seen.formats[seen.usable]) == {"PNG"}
    assert not seen.formats[~seen.usable].any()


def test_a_damaged_row_of_an_array_file_is_found(tmp_path: Path) -> None:
    """Of a block that cannot be read as one, each image is tried; the others count."""
    with h5py.File(tmp_path / "x.h5", "w") as file:
        data = file.create_dataset("x", (300, 8, 8, 3), np.uint8, chunks=(1, 8, 8, 3), fletcher32=True)
        data[:] = np.random.default_rng(0).integers(0, 256, (300, 8, 8, 3), np.uint8)
        place = data.id.get_chunk_info(270).byte_offset
    with (tmp_path / "x.h5").open("r+b") as stream:
        stream.seek(place)
        stream.write(b"\0\1\2\3\4\5\6\7")
    images = image_files.unlabelled(Hdf5Pixels(tmp_path / "x.h5", "x"), 300, "")
    with pytest.raises(UserError, match="is damaged"):
        images.read(256, 300)
    seen = looks.at(images)
    assert list(seen.faults) == [270]
    assert seen.faults[270].kind == "damaged"
    assert seen.usable.sum() == 299
    assert looks.name_of(images, 270) == "row 270"


def test_several_looks_are_one_in_their_order(tmp_path: Path) -> None:
    """Faults keep their images."""
    pictures.write_classes(tmp_path, {"a": 2})
    (tmp_path / "a" / "0000.png").write_text("x")
    one, other = looks.at(of_arrays(np.stack([pictures.noise(5)] * 3))), looks.at(of_folder(tmp_path))
    both = looks.joined([one, other])
    assert len(both) == 5
    assert {at: fault.kind for at, fault in both.faults.items()} == {3: "no image"}
    assert both.digests.tolist() == [*one.digests.tolist(), *other.digests.tolist()]


def test_memory_is_that_of_a_block_and_progress_is_told(tmp_path: Path) -> None:
    """4,000 patches would take 110 MB."""
    with h5py.File(tmp_path / "x.h5", "w") as file:
        data = file.create_dataset("x", (4000, 96, 96, 3), np.uint8)
        for start in range(0, 4000, 500):
            data[start : start + 500] = np.random.default_rng(start).integers(0, 256, (500, 96, 96, 3), np.uint8)
    images, told = image_files.unlabelled(Hdf5Pixels(tmp_path / "x.h5", "x"), 4000, ""), []
    tracemalloc.start()
    try:
        seen = looks.at(images, lambda *said: told.append(said))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 30e6
    assert len(np.unique(seen.digests)) == 4000
    assert told[0] == (256, 4000, "images looked at")
    assert told[-1] == (4000, 4000, "images looked at")
