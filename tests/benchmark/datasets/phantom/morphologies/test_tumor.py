"""Tumor regions and cells."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.datasets.phantom import layout, tissue
from benchmark.datasets.phantom.morphologies import tumor


def test_focus_is_small_and_in_the_center() -> None:
    """It covers a twentieth of the central third or more, and not the patch."""
    for seed in range(60):
        mask = tumor.focus(np.random.default_rng(seed)) >= 0.5
        assert mask[32:64, 32:64].mean() > 0.04
        assert mask.mean() < 0.25


@pytest.mark.parametrize("cells", [2, 4])
def test_region_under_label_1_covers_the_least_share(cells: int) -> None:
    """From the least share to all of the center; both ends occur."""
    shares = []
    for seed in range(60):
        mask = tumor.region(np.random.default_rng(seed), 1, cells=cells, least=0.2)
        shares.append((mask[32:64, 32:64] >= 0.5).mean())
    assert min(shares) >= 0.19
    assert min(shares) < 0.3
    assert max(shares) == 1


@pytest.mark.parametrize("cells", [2, 4])
def test_region_under_label_0_stays_three_pixels_clear(cells: int) -> None:
    """Even its soft edge."""
    for seed in range(60):
        mask = tumor.region(np.random.default_rng(seed), 0, cells=cells, least=0.2)
        assert mask[29:67, 29:67].max() < 0.5


def test_paint_marks_its_region_and_the_cells_that_reach_beyond() -> None:
    """The mask is the region and a rim of at most a cell."""
    drawn, where = tissue.Tissue(), np.zeros((96, 96), np.float32)
    where[20:50, 10:80] = 1
    tumor.paint(drawn, np.random.default_rng(0), where, 1)
    assert drawn.tumor[20:50, 10:80].all()
    assert not drawn.tumor[65:].any()
    assert drawn.hematoxylin[drawn.tumor].mean() > 0.25
    assert drawn.hematoxylin[70:].max() == 0


def test_cells_keep_clear_of_the_center_under_label_0() -> None:
    """Cells asked for in the center are left out under label 0 and drawn under label 1."""
    points = layout.scatter(np.random.default_rng(0), 12)
    none, some = tissue.Tissue(), tissue.Tissue()
    tumor.bodies(none, np.random.default_rng(1), points, 0)
    tumor.bodies(some, np.random.default_rng(1), points, 1)
    assert not none.tumor[36:60, 36:60].any()
    assert none.tumor[:20].any()
    assert some.tumor[36:60, 36:60].mean() > 0.5
