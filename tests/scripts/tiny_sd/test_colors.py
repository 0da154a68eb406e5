"""Palettes and the names of colors."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
from scipy import stats

from scripts.tiny_sd import colors


@pytest.mark.parametrize("name", colors.NAMED_COLORS)
def test_a_color_has_its_own_name(name):
    """And those close to it have too."""
    value = np.array(colors.NAMED_COLORS[name]) / 255
    assert colors.name_of(value) == name
    assert colors.name_of(value + 0.02) == name


def test_the_nearest_name_is_by_euclids_distance():
    """Over random colors, beside a search written out."""
    for color in np.random.default_rng(0).random((200, 3)):
        distances = {name: np.linalg.norm(np.array(value) / 255 - color) for name, value in colors.NAMED_COLORS.items()}
        assert colors.name_of(color) == min(distances, key=distances.get)


@pytest.mark.parametrize("size", [2, 3, 4])
def test_a_palette_is_of_its_seed_and_of_colors(size):
    """The size asked for, within [0, 1]."""
    found = [colors.draw_palette(np.random.default_rng(seed), size=size) for seed in (*range(300), 0)]
    assert all(one.shape == (size, 3) for one in found)
    assert np.min(found) >= 0
    assert np.max(found) <= 1
    assert np.array_equal(found[0], found[-1])
    assert not np.array_equal(found[0], found[1])


def test_hues_come_evenly_from_the_whole_circle():
    """No hue is preferred, least of all those of stained tissue: chi-square over twelve sectors."""
    rng = np.random.default_rng(1)
    hues = [colorsys.rgb_to_hsv(*colors.draw_palette(rng, size=2)[0]) for _ in range(3000)]
    vivid = [hue for hue, saturation, value in hues if saturation > 0.15 and value < 0.999]
    assert len(vivid) > 1500
    assert stats.chisquare(np.histogram(vivid, bins=12, range=(0, 1))[0]).pvalue > 1e-3


def test_some_palettes_hold_a_color_near_white_or_gray():
    """Of 35 in a hundred one color is made so; it may be any of them, of either kind of palette."""
    rng = np.random.default_rng(2)
    palettes = np.array([colors.draw_palette(rng, size=3) for _ in range(2000)])
    pale = (np.ptp(palettes, axis=2) < 0.09) & (palettes.min(axis=2) > 0.74)
    assert 0.33 < pale.any(axis=1).mean() < 0.5
    assert stats.chisquare(pale.sum(axis=0)).pvalue > 1e-3


def test_most_palettes_run_from_light_to_dark_or_back():
    """Six in ten keep to neighboring hues; free ones have no order. The pale color aside, brightness tells."""
    rng = np.random.default_rng(3)
    brightness = np.array([colors.draw_palette(rng, size=4).max(axis=1) for _ in range(3000)])
    steps = np.diff(brightness, axis=1)
    # Four steps of equal size come by rule, never by chance, and not where a pale color was put in: 0.6 x 0.65.
    even = np.ptp(steps, axis=1) < 1e-6
    assert even.mean() == pytest.approx(0.6 * 0.65, abs=0.04)
    assert (steps[even, 0] < 0).mean() == pytest.approx(0.5, abs=0.07)
