"""Training images brought to size once."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.contracts.images import ArraySource, Images
from benchmark.errors import UserError
from benchmark.protocol import pixels
from generators.from_scratch import pictures


class Watched:
    """Pixels that count how often each row is read."""

    def __init__(self, array):
        self.array, self.read_rows = array, []

    def read(self, rows):
        self.read_rows += rows.tolist()
        return ArraySource(self.array).read(rows)


@pytest.fixture
def given():
    """Twenty images of 8 pixels, and their watched source."""
    array = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 3), dtype=np.uint8)
    source = Watched(array)
    return Images(source, np.arange(20)[::-1].copy(), np.zeros(20, np.int64), ("a",), None, "d"), source, array


@pytest.mark.parametrize("side", [8, 4])
def test_each_image_is_read_once_and_in_order(given, tmp_path, monkeypatch, side):
    """In blocks, at the side asked for; a second call reads none."""
    monkeypatch.setattr(pictures, "_BLOCK", 7)
    images, source, array = given
    told = []
    found = pictures.kept(images, side, tmp_path, lambda *words: told.append(words))
    assert np.array_equal(found, pixels.resize(array[::-1], side, "lanczos"))
    assert told == [(done, 20, "images read") for done in (7, 14, 20)]
    again = pictures.kept(images, side, tmp_path, lambda *words: told.append(words))
    assert np.array_equal(again, found)
    assert source.read_rows == list(range(20))[::-1]


def test_pictures_of_others_are_not_taken(given, tmp_path):
    """Of other images or another side, in a folder that holds some already."""
    images, _, array = given
    pictures.kept(images, 8, tmp_path, lambda *words: None)
    others = Images(ArraySource(255 - array), images.rows, images.labels, images.classes, None, "e")
    assert np.array_equal(pictures.kept(others, 8, tmp_path, lambda *words: None), 255 - array[::-1])
    assert np.array_equal(
        pictures.kept(images, 4, tmp_path, lambda *words: None), pixels.resize(array[::-1], 4, "lanczos")
    )


def test_a_stopped_reading_leaves_nothing_that_is_taken_for_all(given, tmp_path, monkeypatch):
    """It begins anew."""
    monkeypatch.setattr(pictures, "_BLOCK", 7)
    images, _, array = given

    def halt(done, total, note=""):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pictures.kept(images, 8, tmp_path, halt)
    assert np.array_equal(pictures.kept(images, 8, tmp_path, lambda *words: None), array[::-1])


def test_a_full_disk_is_told_beforehand(given, tmp_path, monkeypatch):
    """With what there is and what to do."""
    monkeypatch.setattr(pictures.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 3839})())
    with pytest.raises(UserError, match="take 0.0 GB while a fit lasts; 0.0 GB are free in .*--store"):
        pictures.kept(given[0], 8, tmp_path, lambda *words: None)
    assert not list(tmp_path.iterdir())
