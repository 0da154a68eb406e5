"""Captions, word by word."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.tiny_sd import captions
from scripts.tiny_sd.colors import NAMED_COLORS
from scripts.tiny_sd.kinds import Drawing

STRIPES = Drawing(np.zeros((64, 64)), "stripes", "angle", 45)


class Fixed:
    """A source of one number."""

    def __init__(self, value):
        self.value = value

    def random(self):
        return self.value


def palette(*names):
    return np.array([NAMED_COLORS[name] for name in names]) / 255


@pytest.mark.parametrize(
    ("names", "joint", "said"),
    [
        (("red", "white"), "alone", "Texture image of red and white stripes"),
        (("red", "blue", "white"), "alone", "Texture image of red and white stripes"),
        (("red", "blue", "white"), "beside", "Texture image of red and white stripes"),
        (("red", "blue", "white"), "on", "Texture image of white stripes"),
        (("red", "blue", "red"), "alone", "Texture image of red stripes"),
    ],
)
def test_colors_and_noun(names, joint, said):
    """The first and the last color, each once; on another drawing the last alone, which is all that shows."""
    for draw, end in ((0.49, ", angle forty-five"), (0.5, "")):
        assert captions.describe(Fixed(draw), STRIPES, palette(*names), joint=joint) == said + end


def test_half_of_the_captions_tell_the_number():
    """Within four standard errors."""
    rng = np.random.default_rng(0)
    told = [", angle" in captions.describe(rng, STRIPES, palette("red", "lime"), joint="alone") for _ in range(2000)]
    assert np.mean(told) == pytest.approx(0.5, abs=4 * 0.5 / 2000**0.5)


@pytest.mark.parametrize("joint", ["on", "beside"])
def test_what_is_behind_is_told_with_both_its_colors(joint):
    """However the two share the picture."""
    back = Drawing(np.zeros((64, 64)), "dots", "count", 9)
    assert captions.describe_back(back, palette("teal", "pink", "navy"), joint=joint) == f" {joint} teal and navy dots"
