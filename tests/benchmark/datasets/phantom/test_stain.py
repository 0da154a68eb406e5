"""Stains."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.datasets.phantom import seeds, stain


def test_colors_follow_beer_and_lambert() -> None:
    """Against the formula in float64, up to rounding and the camera's noise of two gray levels."""
    rng = np.random.default_rng(0)
    hematoxylin, eosin = rng.uniform(0, 1.5, (2, 96, 96)).astype(np.float32)
    colors = some_stain(5)
    density = (
        np.multiply.outer(hematoxylin.astype(float), colors.hematoxylin)
        + np.multiply.outer(eosin.astype(float), colors.eosin)
        + colors.glass
    )
    found = stain.to_rgb(hematoxylin, eosin, colors, rng)
    assert found.dtype == np.uint8
    assert np.abs(found - 255 * 10**-density).max() < 2 + 0.5 + 0.5


def test_the_two_dyes_are_not_exchanged() -> None:
    """Hematoxylin alone is bluish, eosin alone pink; red passes eosin."""
    nothing, much = np.zeros((96, 96), np.float32), np.full((96, 96), 0.8, np.float32)
    for slide in range(20):
        rng, colors = np.random.default_rng(0), some_stain(slide)
        blue = stain.to_rgb(much, nothing, colors, rng).mean((0, 1))
        pink = stain.to_rgb(nothing, much, colors, rng).mean((0, 1))
        assert blue[2] > blue[1]
        assert pink[0] > pink[2] > pink[1]
        assert pink[0] > blue[0] + 40


def test_glass_is_nearly_white_and_never_beyond() -> None:
    """Noise does not wrap around."""
    nothing = np.zeros((96, 96), np.float32)
    for slide in range(20):
        white = stain.to_rgb(nothing, nothing, some_stain(slide), np.random.default_rng(1))
        assert white.min() > 215


def test_very_dense_tissue_is_black() -> None:
    """Densities beyond the table do not wrap around either."""
    dense = np.full((96, 96), 50, np.float32)
    assert stain.to_rgb(dense, dense, some_stain(0), np.random.default_rng(1)).max() <= 2


def test_every_slide_has_its_own_stain() -> None:
    """Thirty slides: no two alike, strengths and hues both vary."""
    stains = [some_stain(slide) for slide in range(30)]
    strengths = [float(np.linalg.norm(one.eosin)) for one in stains]
    hues = [float(one.hematoxylin[2] / one.hematoxylin[1]) for one in stains]
    assert len(set(strengths)) == 30
    assert np.std(strengths) > 0.08
    assert max(hues) / min(hues) > 1.5


@pytest.mark.parametrize("dye", ["hematoxylin", "eosin", "glass"])
def test_no_dye_emits_light(dye: str) -> None:
    """Optical densities are positive in every channel."""
    assert min(getattr(some_stain(slide), dye).min() for slide in range(200)) > 0


def some_stain(slide: int) -> stain.Stain:
    """Return the stain of a slide."""
    return stain.slide_stain(seeds.generator(1, "slide", "train", slide))
