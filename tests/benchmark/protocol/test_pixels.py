"""Resizing and codecs on arrays of images."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from benchmark.errors import UserError
from benchmark.protocol import pixels


@pytest.fixture
def images() -> np.ndarray:
    """Five images of 24 x 24 pixels, none like another, channels unlike."""
    rng = np.random.default_rng(0)
    ramp = np.linspace(0, 200, 24)[None, :, None, None] * [1.0, 0.5, 0.1]
    return (ramp + rng.integers(0, 50, (5, 24, 24, 3))).astype(np.uint8)


def through_jpeg(image: np.ndarray, **options: int) -> np.ndarray:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "JPEG", **options)
    return np.asarray(Image.open(stream))


def test_box_to_a_whole_part_is_the_mean_of_blocks(images):
    """Up to rounding along rows and along columns."""
    means = images.reshape(5, 8, 3, 8, 3, 3).mean(axis=(2, 4))
    assert np.abs(pixels.resize(images, 8, "box") - means).max() <= 1


@pytest.mark.parametrize(("name", "reach"), [("bilinear", 1), ("bicubic", 2), ("lanczos", 3)])
def test_filters_are_themselves_and_widen_with_the_reduction(name, reach):
    """A single bright row: how far it shows after a reduction by four, and with which weights, from the formulas."""
    image = np.zeros((1, 64, 64, 3), np.uint8)
    image[0, 32, :, :] = 250
    found = pixels.resize(image, 16, name)[0, :, 8, 0].astype(float)
    centers = (np.arange(16) + 0.5) * 4
    at = np.abs((32.5 - centers) / 4)
    kernels = {
        "bilinear": np.clip(1 - at, 0, None),
        "bicubic": np.where(
            at < 1, 1.5 * at**3 - 2.5 * at**2 + 1, np.where(at < 2, -0.5 * at**3 + 2.5 * at**2 - 4 * at + 2, 0)
        ),
        "lanczos": np.where(at < 3, np.sinc(at) * np.sinc(at / 3), 0),
    }
    assert (kernels[name][at >= reach] == 0).all()
    assert np.abs(found - np.clip(250 * kernels[name] / 4, 0, 255)).max() <= 2
    assert found.max() > 30


@pytest.mark.parametrize("name", pixels.FILTERS)
def test_every_filter_is_pillow_s_own(images, name):
    """Image by image, up and down, with no image in another's place."""
    for side in (7, 40):
        expected = [np.asarray(Image.fromarray(image).resize((side, side), pixels.FILTERS[name])) for image in images]
        np.testing.assert_array_equal(pixels.resize(images, side, name), expected)


def test_filters_differ():
    """Under its own name each."""
    noise = np.random.default_rng(1).integers(0, 256, (1, 30, 30, 3), np.uint8)
    assert len({pixels.resize(noise, 9, name).tobytes() for name in pixels.FILTERS}) == 4


def test_images_of_the_right_size_are_left_alone(images):
    """Not even copied; what is not square is brought to a square."""
    assert pixels.resize(images, 24, "lanczos") is images
    assert pixels.resize(images[:, :, :12], 24, "box").shape == (5, 24, 24, 3)
    assert pixels.resize(images[:, :12], 24, "box").shape == (5, 24, 24, 3)
    assert pixels.resize(images[:0], 6, "box").shape == (0, 6, 6, 3)


def test_a_constant_image_stays_constant(images):
    """Under every filter, at every size."""
    plain = np.full((1, 20, 20, 3), 77, np.uint8)
    for name in pixels.FILTERS:
        for side in (3, 11, 50):
            assert (pixels.resize(plain, side, name) == 77).all()


def test_reduction_does_not_alias():
    """A checkerboard becomes gray; picking single pixels would leave black and white."""
    board = np.indices((32, 32)).sum(axis=0) % 2 * np.uint8(255)
    image = np.repeat(board[None, :, :, None], 3, axis=3).astype(np.uint8)
    for name in pixels.FILTERS:
        small = pixels.resize(image, 8, name)[:, 2:-2, 2:-2]
        assert np.abs(small.astype(int) - 128).max() <= 4


def test_a_lossless_codec_changes_nothing(images):
    """It is the same array."""
    assert pixels.store_as(images, "none") is images


def test_jpeg_is_pillow_s_at_the_quality_asked_for(images):
    """Image by image; the input stays as it was."""
    before = images.copy()
    for quality in (30, 90):
        expected = np.stack([through_jpeg(image, quality=quality) for image in images])
        np.testing.assert_array_equal(pixels.store_as(images, f"jpeg-{quality}"), expected)
    np.testing.assert_array_equal(images, before)
    assert pixels.store_as(images[:0], "jpeg-90").shape == (0, 24, 24, 3)


def test_jpeg_halves_the_color_s_resolution(images):
    """4:2:0, and not 4:4:4: red and blue columns in turn run into each other."""
    columns = np.zeros((1, 32, 32, 3), np.uint8)
    columns[:, :, ::2, 0] = columns[:, :, 1::2, 2] = 200
    stored = pixels.store_as(columns, "jpeg-95")[0]
    np.testing.assert_array_equal(stored, through_jpeg(columns[0], quality=95, subsampling=2))
    assert np.abs(stored.astype(int) - columns[0]).mean() > 40
    assert np.abs(through_jpeg(columns[0], quality=95, subsampling=0).astype(int) - columns[0]).mean() < 20


def test_a_lower_quality_is_further_from_the_original(images):
    """By the mean difference of gray levels."""
    distances = [
        np.abs(pixels.store_as(images, f"jpeg-{quality}").astype(int) - images).mean() for quality in (95, 60, 10, 1)
    ]
    assert distances == sorted(distances)
    assert distances[0] < distances[-1]


@pytest.mark.parametrize(("codec", "quality"), [("jpeg-1", 1), ("jpeg-95", 95), ("jpeg-75", 75), ("jpeg-7", 7)])
def test_a_codec_s_name_tells_its_quality(codec, quality):
    """From 1 to 95."""
    assert pixels.jpeg_quality(codec) == quality


@pytest.mark.parametrize(
    "codec",
    [
        "jpeg-0",
        "jpeg-96",
        "jpeg",
        "jpeg-",
        "jpeg--5",
        "jpeg-7.5",
        "jpeg-\u00b2",
        "jpeg-\u0667\u0665",
        "jpeg-075",
        "jpeg-75\n",
        "png-3",
        "-75",
        "",
        "JPEG-75",
    ],
)
def test_what_is_no_codec_is_refused(images, codec):
    """With what would be one."""
    said = f"There is no codec '{codec}'. Expected 'none', 'png' or 'jpeg-Q' with Q from 1 to 95, "
    said += "in the digits 0 to 9 and without leading zeros."
    with pytest.raises(UserError) as caught:
        pixels.store_as(images, codec)
    assert str(caught.value) == said
