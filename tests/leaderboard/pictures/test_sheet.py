"""Contact sheets."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from leaderboard.pictures import sheet


def _pixels(found):
    return np.asarray(Image.open(io.BytesIO(found.png)))


def test_small_images_are_enlarged_pixel_by_pixel() -> None:
    """Each pixel becomes a square of its own colour, in its own place; gaps are transparent."""
    images = np.random.default_rng(0).integers(0, 256, (3, 4, 4, 3), np.uint8)
    found = sheet.contact(images, columns=2, tile=8)
    pixels = _pixels(found)
    assert pixels.shape == (found.height, found.width, 4) == (20, 20, 4)
    assert found.enlarged
    np.testing.assert_array_equal(pixels[0:8, 12:20, :3], images[1].repeat(2, axis=0).repeat(2, axis=1))
    np.testing.assert_array_equal(pixels[12:20, 0:8, :3], images[2].repeat(2, axis=0).repeat(2, axis=1))
    assert (pixels[:, 8:12, 3] == 0).all()
    assert (pixels[12:, 12:, 3] == 0).all()


def test_large_images_are_reduced_by_averaging_blocks() -> None:
    """By hand: a block of 0, 100, 200 and 100 averages to 100."""
    image = np.tile(np.array([[0, 100], [200, 100]], np.uint8), (4, 4))[None, ..., None].repeat(3, axis=3)
    found = sheet.contact(image, columns=1, tile=4)
    assert (found.width, found.height, found.enlarged) == (4, 4, False)
    assert (_pixels(found)[..., :3] == 100).all()


@pytest.mark.parametrize("side", [1, 7, 32, 96, 100, 113, 300])
def test_any_size_fits(side) -> None:
    """Near the tile, never empty."""
    found = sheet.contact(np.zeros((1, side, side, 3), np.uint8), columns=4, tile=112)
    assert 60 <= found.width <= 170


def test_equal_images_give_equal_bytes() -> None:
    """No time or chance in the file."""
    images = np.full((2, 8, 8, 3), 7, np.uint8)
    assert sheet.contact(images, columns=2, tile=16).png == sheet.contact(images, columns=2, tile=16).png
