"""Uniform noise: its levels, and that each image is its seed's alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmark.contracts.generator import Requests
from generators.controls.noise import Noise


def asked(seeds, labels=None):
    """Requests of given seeds."""
    seeds = np.asarray(seeds, np.int64)
    labels = np.zeros(len(seeds), np.int64) if labels is None else np.asarray(labels)
    return Requests(np.arange(len(seeds)), labels, seeds, np.arange(len(seeds)), ("healthy", "cancer"))


def test_every_level_comes_equally_often(draw, context):
    """Chi-square over the 256 levels of 24,576 values per channel, and nothing shared by channels or neighbors."""
    images = draw(Noise(side=32), asked(range(24)), context).images
    assert images.dtype == np.uint8
    assert images.shape == (24, 32, 32, 3)
    for channel in range(3):
        counts = np.bincount(images[..., channel].ravel(), minlength=256)
        assert counts.min() > 0
        assert stats.chisquare(counts).pvalue > 1e-3
    levels = images.astype(float) - 127.5
    for other in (np.roll(levels, 1, axis=3), np.roll(levels, 1, axis=2), np.roll(levels, 1, axis=0)):
        assert abs((levels * other).mean()) / levels.var() < 4 / levels.size**0.5


@pytest.mark.parametrize("side", [8, 96])
def test_images_have_the_side_asked_for(draw, context, side):
    """Square, in color."""
    assert draw(Noise(side=side), asked([1]), context).images.shape == (1, side, side, 3)


def test_an_image_is_its_seeds_alone(draw, context):
    """Whatever is asked for beside it, in whatever order, under whatever label, and whatever NumPy's global state."""
    seeds = np.concatenate([np.arange(300), [2**62 + 5, 2**32 + 5]])
    whole = draw(Noise(side=8), asked(seeds), context).images
    assert len({image.tobytes() for image in whole}) == len(seeds)
    back = draw(Noise(side=8), asked(seeds[::-1], labels=np.arange(len(seeds)) % 2), context).images[::-1]
    assert np.array_equal(whole, back)
    assert np.array_equal(whole[5:6], draw(Noise(side=8), asked([5]), context).images)
    assert np.array_equal(whole[300:], draw(Noise(side=8), asked(seeds[300:]), context).images)


def test_no_prompt_and_nothing_learnt(draw, context, images):
    """A fit leaves no file, and a batch no prompt."""
    Noise().fit(images, context)
    assert not list(context.folder.iterdir())
    assert draw(Noise(side=8), asked([1, 2]), context).prompts == []
