"""The way through a size or a codec and back, beside Pillow's own."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from benchmark.contracts.images import ArraySource
from benchmark.errors import UserError
from generators.controls.pixel_round_trip import PixelRoundTrip
from generators.controls.real import Real


def resized(images, side, how):
    return np.stack([np.asarray(Image.fromarray(one).resize((side, side), how)) for one in images])


def through_jpeg(images, quality):
    found = []
    for one in images:
        buffer = io.BytesIO()
        Image.fromarray(one).save(buffer, "JPEG", quality=quality)
        found.append(np.asarray(Image.open(buffer)))
    return np.stack(found)


def test_a_size_is_reached_and_left_by_its_filters(draw, requests, context):
    """The very images that `Real` hands out, at their own size again, no longer what they were."""
    found = draw(PixelRoundTrip(side=40, up="bilinear", down="box"), requests, context).images
    real = draw(Real(), requests, context).images
    there = resized(real, 40, Image.Resampling.BILINEAR)
    assert np.array_equal(found, resized(there, 16, Image.Resampling.BOX))
    assert found.shape == real.shape
    assert not np.array_equal(found, real)


def test_a_codec_is_passed_at_the_images_own_size(draw, requests, context):
    """Pillow's JPEG of that quality; another quality gives another image."""
    found = draw(PixelRoundTrip(codec="jpeg-75"), requests, context).images
    real = draw(Real(), requests, context).images
    assert np.array_equal(found, through_jpeg(real, 75))
    assert not np.array_equal(found, draw(PixelRoundTrip(codec="jpeg-30"), requests, context).images)


def test_a_codec_is_passed_at_another_size(draw, requests, context):
    """Enlarged, stored, and brought back, in that order; by default bilinear there and Lanczos back."""
    found = draw(PixelRoundTrip(side=32, codec="jpeg-75"), requests, context).images
    there = resized(draw(Real(), requests, context).images, 32, Image.Resampling.BILINEAR)
    assert np.array_equal(found, resized(through_jpeg(there, 75), 16, Image.Resampling.LANCZOS))


def test_slides_and_role_are_those_of_the_images(requests, context, images):
    """As `Real` has them."""
    known = replace(images, slides=np.array([f"s{place}" for place in range(40)]))
    black = replace(images, source=ArraySource(np.zeros((40, 16, 16, 3), np.uint8)))
    context = replace(context, _images={"holdout": lambda: known, "floor": lambda: black})
    trip = PixelRoundTrip(role="holdout", codec="jpeg-75")
    (made,), (real,) = (list(one.sample(requests, context)) for one in (trip, Real("holdout")))
    assert made.slides == real.slides
    assert made.images.max() > 0


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, "needs 'side', 'codec' or both"),
        ({"codec": "png"}, "There is no codec 'png'"),
        ({"codec": "jpeg-96", "side": 8}, "There is no codec 'jpeg-96'"),
    ],
)
def test_a_trip_that_leads_nowhere_is_refused(params, expected):
    """PNG is lossless, and would leave the images as they are."""
    with pytest.raises(UserError, match=expected):
        PixelRoundTrip(**params)


def test_nothing_is_learnt(context, images):
    """A fit leaves no file."""
    PixelRoundTrip(side=8).fit(images, context)
    assert not list(context.folder.iterdir())
