"""Lymphoid tissue."""

from __future__ import annotations

import numpy as np

from benchmark.datasets.phantom import tissue
from benchmark.datasets.phantom.morphologies import lymphoid


def test_no_cell_is_centered_where_the_mask_forbids() -> None:
    """Only rims of neighbors reach into the forbidden half."""
    drawn, without = tissue.Tissue(), np.zeros((96, 96), np.float32)
    without[:, :48] = 1
    lymphoid.cells(drawn, np.random.default_rng(0), spacing=8, pale=0.3, without=without)
    assert drawn.hematoxylin[:, :40].max() == 0
    assert drawn.hematoxylin[:, 56:].mean() > 0.3


def test_closer_cells_cover_more_and_pale_ones_are_paler() -> None:
    """Both parameters act in the direction they say."""

    def stained(spacing: float, pale: float) -> np.ndarray:
        drawn = tissue.Tissue()
        lymphoid.cells(drawn, np.random.default_rng(1), spacing=spacing, pale=pale)
        return drawn.hematoxylin

    assert (stained(7.5, 0.0) > 0.3).mean() > 1.3 * (stained(10.5, 0.0) > 0.3).mean()
    small, large = stained(11.0, 0.0), stained(11.0, 1.0)
    assert small[small > 0.3].mean() > 1.15 * large[large > 0.3].mean()
    assert (large > 0.3).mean() > 1.3 * (small > 0.3).mean()


def test_a_clearing_holds_histiocytes_or_tumor() -> None:
    """Under label 0 the same clearing is no tumor; without a clearing nothing changes."""
    focus = np.zeros((96, 96), np.float32)
    focus[30:60, 30:60] = 1
    benign, malignant, untouched = tissue.Tissue(), tissue.Tissue(), tissue.Tissue()
    lymphoid.fill(benign, np.random.default_rng(2), focus, 0)
    lymphoid.fill(malignant, np.random.default_rng(2), focus, 1)
    lymphoid.fill(untouched, np.random.default_rng(2), None, 1)
    assert not benign.tumor.any()
    assert benign.eosin[45, 30:60].mean() > 0.1
    assert malignant.tumor[30:60, 30:60].all()
    assert not malignant.tumor[:10].any()
    assert untouched.hematoxylin.max() == untouched.eosin.max() == 0


def test_label_1_always_clears_and_label_0_by_chance() -> None:
    """The chance is that asked for."""
    rng = np.random.default_rng(3)
    assert all(lymphoid.clearing(rng, 1, chance=0.0) is not None for _ in range(20))
    cleared = [lymphoid.clearing(rng, 0, chance=0.3) is not None for _ in range(500)]
    assert 0.24 < np.mean(cleared) < 0.36
