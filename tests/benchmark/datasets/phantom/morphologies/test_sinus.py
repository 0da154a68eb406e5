"""Sinus."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmark.datasets.phantom import fields, layout, nuclei
from benchmark.datasets.phantom.morphologies import sinus, stroma

SEEDS = range(15)


def test_histiocytes_lie_in_a_band_and_lymphoid_cells_on_its_shores(noted: Any, unbent: None) -> None:
    """The band is straight here and runs across the angle that is drawn first; strays are few."""
    for seed in SEEDS:
        drawn = sinus.sinus(np.random.default_rng(seed), 0)
        histiocytes, lymphocytes, centroblasts, strays = drawn.placed
        kinds = [one.kind for one in drawn.placed]
        assert kinds == [nuclei.HISTIOCYTE, nuclei.LYMPHOCYTE, nuclei.CENTROBLAST, nuclei.LYMPHOCYTE]
        within = _depth(seed, histiocytes.points)
        assert within.max() - within.min() < 2 * 26 + 4
        assert within.max() - within.min() > 13
        low, high = within.min() + 2, within.max() - 2
        for shore in (lymphocytes, centroblasts):
            depth = _depth(seed, shore.points)
            assert not ((depth > low) & (depth < high)).any()
        depth = _depth(seed, strays.points)
        assert ((depth > low - 8) & (depth < high + 8)).all()
        assert len(strays.points) < len(lymphocytes.points) / 4


def test_the_channel_runs_through_the_patch(noted: Any, unbent: None) -> None:
    """It lies within the patch, with lymphoid tissue on either side or cut off by a corner."""
    both = 0
    for seed in SEEDS:
        drawn = sinus.sinus(np.random.default_rng(seed), 0)
        within = _depth(seed, drawn.placed[0].points)
        shores = _depth(seed, np.concatenate([drawn.placed[1].points, drawn.placed[2].points]))
        assert -48 < (within.min() + within.max()) / 2 < 48
        both += bool((shores < within.min()).any() and (shores > within.max()).any())
    assert both > len(SEEDS) / 2


def test_the_channel_is_brighter_than_its_shores() -> None:
    """In each patch; on the whole by a third in blue, and between the cells by far."""
    blue, ground = [], []
    for seed in SEEDS:
        drawn, channel = sinus.sinus(np.random.default_rng(seed), 0), _channel(seed)
        stain = drawn.hematoxylin + drawn.eosin
        assert 0.1 < (channel > 0.5).mean() < 0.75
        assert stain[channel > 0.9].mean() < stain[channel < 0.1].mean()
        blue.append(drawn.hematoxylin[channel > 0.9].mean() / drawn.hematoxylin[channel < 0.1].mean())
        ground.append(np.quantile(stain[channel > 0.9], 0.1) / np.quantile(stain[channel < 0.1], 0.1))
    assert np.mean(blue) < 0.67
    assert np.mean(ground) < 0.5


def test_there_is_no_tumor_whatever_the_label() -> None:
    """The label changes nothing at all."""
    one, other = (sinus.sinus(np.random.default_rng(3), label) for label in (0, 1))
    np.testing.assert_array_equal(one.hematoxylin, other.hematoxylin)
    np.testing.assert_array_equal(one.eosin, other.eosin)
    assert not one.tumor.any()
    assert not other.tumor.any()


def _depth(seed: int, points: layout.Points) -> np.ndarray:
    """Return how far the points in the patch lie from its middle, across the channel of this seed."""
    points = points[(points.min(axis=1) >= 0) & (points.max(axis=1) < 96)]
    angle = np.random.default_rng(seed).uniform(0, np.pi)
    return (points - 47.5) @ [np.cos(angle), np.sin(angle)]


def _channel(seed: int) -> fields.Field:
    """Return the mask of the channel that the same draws give."""
    rng = np.random.default_rng(seed)
    bent = stroma.across(rng.uniform(0, np.pi)) + 8 * fields.smooth(rng, 3)
    half = rng.uniform(13, 26)
    return fields.inside(-np.abs(bent - rng.uniform(-12, 12)), -half, 3)
