"""Image sets: shards read as one, and a manifest that tells where each image comes from."""

from __future__ import annotations

import csv
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from benchmark import digests
from benchmark.artifacts import image_set
from benchmark.artifacts.image_set import Row
from benchmark.contracts.generator import Requests

CLASSES = ("normal", "tumor")
LABELS = np.array([1, 0, 1, 1, 0, 0, 1])
SEEDS = np.array([5, 2**63 - 1, 0, 17, 18, 19, 20])
PROMPTS = ["a, b", 'say "hi"', "two\nlines", "", "ß€😀", " spaces ", "a\rb"]
PIXELS = np.random.default_rng(0).integers(0, 256, (7, 4, 6, 3), np.uint8)
CUTS = ((0, 3), (3, 4), (4, 7))


def shard(folder: Path, start: int, stop: int) -> Path:
    """Write some of seven requests as one shard."""
    folder.mkdir()
    requests = Requests(np.arange(7), LABELS, SEEDS, np.zeros(7, np.int64), CLASSES).part(start, stop)
    image_set.write_shard(folder, PIXELS[start:stop], requests, PROMPTS[start:stop])
    return folder


@pytest.fixture
def folders(tmp_path) -> list[Path]:
    """Shards of unlike size that hold seven images."""
    return [shard(tmp_path / f"{start}", start, stop) for start, stop in CUTS]


@pytest.fixture
def images(folders):
    """The seven images of all shards."""
    return image_set.open_shards(folders, CLASSES)


def pixel_digest(image: np.ndarray) -> str:
    return hashlib.sha256(b"4x6x3" + image.tobytes()).hexdigest()


def test_a_manifest_tells_of_every_image_what_it_was_asked_for(folders):
    """Whatever letters a prompt holds, whatever shard an image is in."""
    assert image_set.read_rows(folders, CLASSES) == [
        Row(row, int(LABELS[row]), int(SEEDS[row]), PROMPTS[row], "", pixel_digest(PIXELS[row])) for row in range(7)
    ]


def test_a_manifest_can_be_read_by_others(folders):
    """Plain CSV with a head; classes by name."""
    with (folders[1] / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        head, row = csv.reader(stream)
    assert head == ["index", "label", "seed", "prompt", "slide", "sha256"]
    assert row == ["3", "tumor", "17", "", "", pixel_digest(PIXELS[3])]


def test_classes_are_found_by_name(folders):
    """In whatever order the reader has them."""
    turned = image_set.read_rows(folders, CLASSES[::-1])
    assert [row.label for row in turned] == [1 - label for label in LABELS]
    with pytest.raises(ValueError, match="not in tuple"):
        image_set.read_rows(folders, ("normal", "other"))


def test_all_shards_are_one_set(images):
    """Labels, length, order; nobody's slide."""
    assert len(images) == 7
    assert images.labels.tolist() == LABELS.tolist()
    assert (images.classes, images.slides) == (CLASSES, None)
    assert np.array_equal(images.read(0, 7), PIXELS)


def test_slides_are_those_of_all_images_or_of_none(tmp_path):
    """In the order of the requests, whatever letters they hold; one image without makes the set one without."""
    requests = Requests(np.arange(7), LABELS, SEEDS, np.zeros(7, np.int64), CLASSES)
    names = ["s1", "s, 2", "s1", "s\r3", "ß", "s1", "s9"]
    for place, (part, slides) in enumerate([(requests, names), (requests, [*names[:6], ""])]):
        (tmp_path / str(place)).mkdir()
        image_set.write_shard(tmp_path / str(place), PIXELS, part, PROMPTS, slides)
    found = image_set.open_shards([tmp_path / "0"], CLASSES)
    assert found.slides is not None
    assert found.slides.tolist() == names
    assert image_set.open_shards([tmp_path / "1"], CLASSES).slides is None
    assert image_set.open_shards([tmp_path / "0", tmp_path / "1"], CLASSES).slides is None
    # What an image shows is not where it is from.
    assert found.digest == image_set.open_shards([tmp_path / "1"], CLASSES).digest


@pytest.mark.parametrize("rows", [[0], [2, 3], [3], [4, 3, 2], [6, 0, 3, 6, 1], [3, 3], list(range(7))])
def test_any_rows_in_any_order_come_from_their_shards(images, rows):
    """Over the seams of shards, twice, backwards."""
    found = images.source.read(np.array(rows))
    assert np.array_equal(found, PIXELS[rows])
    assert found.dtype == np.uint8


def test_no_rows_are_no_images(images):
    """Of the size that images have."""
    assert images.read(3, 3).shape == (0, 4, 6, 3)


def test_an_empty_shard_disturbs_nobody(tmp_path, folders):
    """Between others, it holds no row."""
    folders.insert(1, shard(tmp_path / "empty", 3, 3))
    found = image_set.open_shards(folders, CLASSES)
    assert np.array_equal(found.read(0, 7), PIXELS)
    assert image_set.open_shards(folders[1:2], CLASSES).read(0, 0).shape == (0, 4, 6, 3)


def test_pixels_stay_on_disk_until_they_are_asked_for(images, folders):
    """Shards are mapped; a file cut short under way is seen by the next read of it."""
    assert all(isinstance(part, np.memmap) for part in images.source._shards)


def test_the_digest_is_of_pixels_and_labels_in_order(folders, tmp_path, images):
    """By hand; how the set is cut into shards is no part of it, prompts and seeds are not."""
    expected = digests.of_value([[pixel_digest(PIXELS[row]), int(LABELS[row])] for row in range(7)])
    assert images.digest == expected
    assert image_set.open_shards([shard(tmp_path / "whole", 0, 7)], CLASSES).digest == expected
    assert image_set.open_shards(folders[::-1], CLASSES).digest != expected
    assert image_set.open_shards(folders, CLASSES[::-1]).digest != expected
    assert image_set.open_shards(folders[:2], CLASSES).digest != expected


def test_a_pixel_digest_is_of_the_shape_too():
    """The same bytes as a wide and as a high image are two images; a view is what it shows."""
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert image_set.pixel_digest(image) == hashlib.sha256(b"2x4x3" + bytes(range(24))).hexdigest()
    assert image_set.pixel_digest(image) != image_set.pixel_digest(image.reshape(4, 2, 3))
    turned = image[:, ::-1]
    assert image_set.pixel_digest(turned) == image_set.pixel_digest(turned.copy()) != image_set.pixel_digest(image)


def test_fewer_prompts_than_images_are_a_mistake(tmp_path):
    """No image goes without its row."""
    requests = Requests(np.arange(7), LABELS, SEEDS, np.zeros(7, np.int64), CLASSES)
    with pytest.raises(IndexError):
        image_set.write_shard(tmp_path, PIXELS, requests, PROMPTS[:6])
    assert not (tmp_path / "manifest.csv").exists()


@pytest.mark.parametrize("name", ["images.npy", "manifest.csv"])
def test_half_a_shard_is_an_error(folders, name):
    """Neither pixels without rows nor rows without pixels."""
    (folders[1] / name).unlink()
    with pytest.raises(FileNotFoundError):
        image_set.open_shards(folders, CLASSES)


def test_pixels_cut_short_are_an_error(folders):
    """When they are opened."""
    os.truncate(folders[0] / "images.npy", 150)
    with pytest.raises(ValueError, match="mmap length is greater than file size"):
        image_set.open_shards(folders, CLASSES)
