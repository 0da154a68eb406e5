"""Sheets of images, read back pixel by pixel."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmark.artifacts import pictures
from benchmark.artifacts.pictures import Line


@pytest.mark.parametrize(("side", "shown"), [(16, 64), (32, 64), (33, 66), (64, 64), (96, 96), (192, 192), (512, 192)])
def test_small_images_grow_by_whole_numbers(side: int, shown: int) -> None:
    """Every pixel of a small image stays a square."""
    assert pictures.shown_side(side) == shown


def test_every_image_is_on_the_sheet_in_its_place() -> None:
    """Images of one colour each are found from left to right and from top to bottom."""
    first = _plain((255, 0, 0), (0, 255, 0))
    second = _plain((0, 0, 255))
    found = _read(pictures.sheet("title", [Line("a", first), Line("b", second)]))
    red, green, blue = (_box(found, colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255)))
    for top, left, bottom, right in (red, green, blue):
        assert (bottom - top, right - left) == (64, 64)
    assert red[0] == green[0] < blue[0]
    assert red[1] == blue[1] < green[1]


def test_pixels_are_magnified_and_not_smoothed() -> None:
    """Nearest neighbour: the sheet holds no colour that the image does not."""
    image = np.zeros((1, 16, 16, 3), np.uint8)
    image[0, ::2, :, 0] = 200
    found = _read(pictures.sheet("", [Line("", image)]))
    assert {tuple(map(int, colour)) for colour in np.unique(found.reshape(-1, 3), axis=0)} == {
        (0, 0, 0), (200, 0, 0), (255, 255, 255)
    }  # fmt: skip


def test_sheet_is_the_same_every_time() -> None:
    """Equal input, equal bytes: a file of a result may be compared."""
    images = np.random.default_rng(0).integers(0, 256, (5, 20, 20, 3), np.uint8)
    lines = pictures.lines_of(images, 3)
    assert [(line.label, len(line.images)) for line in lines] == [("0", 3), ("3", 2)]
    assert pictures.sheet("one\ntwo", lines) == pictures.sheet("one\ntwo", lines)
    assert pictures.sheet("one", lines) != pictures.sheet("two", lines)


def test_labels_and_titles_have_room() -> None:
    """A long margin label moves the images; nothing is written over them."""
    image = _plain((0, 0, 255))
    narrow, wide = (_read(pictures.sheet("t", [Line(label, image)])) for label in ("a", "a very long label"))
    assert _box(wide, (0, 0, 255))[1] > _box(narrow, (0, 0, 255))[1] + 50
    top, left, bottom, right = _box(wide, (0, 0, 255))
    assert (wide[top:bottom, left:right] == (0, 0, 255)).all()
    titled = _read(pictures.sheet("a title much wider than the one image below it", [Line("", image)]))
    assert titled.shape[1] > narrow.shape[1]


def test_line_without_images_stays_as_a_label() -> None:
    """An empty cluster is a line too."""
    found = _read(pictures.sheet("t", [Line("empty", _plain()), Line("full", _plain((0, 0, 255)))]))
    assert _box(found, (0, 0, 255))[0] > 64


def _plain(*colours: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.array([np.full((32, 32, 3), colour) for colour in colours], np.uint8).reshape(-1, 32, 32, 3)


def _read(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def _box(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """Return top, left, bottom and right of a colour."""
    rows, columns = np.nonzero((picture == colour).all(axis=2))
    return int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1
