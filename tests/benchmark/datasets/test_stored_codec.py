"""Telling JPEG from lossless."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from benchmark.contracts.images import ArraySource, Images
from benchmark.datasets import stored_codec
from benchmark.datasets.phantom import patch, spec
from benchmark.errors import UserError


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


def of(pixels: np.ndarray) -> Images:
    rows = np.arange(len(pixels))
    return Images(ArraySource(pixels), rows, rows, (), None, digest="")


def test_splits_agree_on_a_codec(images: np.ndarray) -> None:
    """Those without an image tell nothing; one that is stored otherwise is refused, and so is a false statement."""
    lossy = of(through_jpeg(images, 75))

    def agreed(stated: str = "detect", **splits: Images) -> str:
        return stored_codec.agreed(splits, stated=stated, dataset="mine", place=lambda split: f"/x/{split}")

    assert agreed(train=of(images[:0]), valid=lossy, test=lossy) == "jpeg-75"
    assert agreed("none", train=of(images)) == "none"
    with pytest.raises(UserError, match="/x/test: its patches look as stored under codec 'none', but split 'train' is"):
        agreed(train=lossy, test=of(images))
    with pytest.raises(UserError, match="/x/train: .* codec 'jpeg-75', but dataset 'mine' has 'none'"):
        agreed("none", train=lossy)
