"""Telling JPEG from lossless."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from benchmark.datasets import stored_codec
from benchmark.datasets.phantom import patch, spec


def test_untouched_images(images: np.ndarray) -> None:
    """Images as drawn are lossless."""
    assert stored_codec.detect(images) == "none"


def test_images_that_went_through_jpeg_75(images: np.ndarray) -> None:
    """One pass leaves its mark."""
    assert stored_codec.detect(through_jpeg(images, 75)) == "jpeg-75"


@pytest.mark.parametrize("quality", [60, 90, 95])
def test_other_qualities_are_not_taken_for_75(images: np.ndarray, quality: int) -> None:
    """Only the codec that is asked about counts."""
    assert stored_codec.detect(through_jpeg(images, quality)) == "none"


def through_jpeg(images: np.ndarray, quality: int) -> np.ndarray:
    """Return images after one JPEG pass."""
    buffers = [io.BytesIO() for _ in images]
    for image, buffer in zip(images, buffers, strict=True):
        Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.stack([np.asarray(Image.open(buffer).convert("RGB")) for buffer in buffers])


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Forty phantom patches."""
    dataset = spec.PhantomSpec(seed=4, train=40, valid=2, test=2, slides_train=4, slides_valid=1, slides_test=1)
    return np.stack([patch.draw(dataset, "train", index).image for index in range(40)])
