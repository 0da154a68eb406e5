"""Fat."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from benchmark.datasets.phantom import fields, nuclei
from benchmark.datasets.phantom.morphologies import adipose, lymphoid, tumor

SEEDS = range(12)


def test_walls_part_large_empty_cells() -> None:
    """A few cells, each many times wider than the walls between them."""
    thickest, cells = [], []
    for seed in SEEDS:
        wall = adipose._walls(np.random.default_rng(seed)) > 0.5
        assert 0.05 < wall.mean() < 0.5
        sizes = np.bincount(ndimage.label(~wall)[0].ravel())[1:]
        cells.append((sizes > 200).sum())
        assert sizes[sizes > 200].sum() > 0.95 * (~wall).sum(), "what is no wall is cell, not crumbs"
        thickest.append(np.quantile(ndimage.distance_transform_edt(wall)[wall], 0.9))
    assert min(cells) >= 2
    assert 3 <= np.median(cells) <= 8
    assert np.median(thickest) < 5


@pytest.mark.parametrize(
    ("step", "angle"), [((1, 0), 0.0), ((0, 1), np.pi / 2), ((1, 1), np.pi / 4), ((1, -1), 3 * np.pi / 4)]
)
def test_along_a_wall_is_the_direction_it_goes_on_in(step: tuple[int, int], angle: float) -> None:
    """By hand: a straight wall through (60, 40), right, down, and on both slants (y goes down)."""
    wall = np.zeros((96, 96), np.float32)
    across = step[0] * (fields.Y - 40) - step[1] * (fields.X - 60)
    wall[np.abs(across) < 2] = 1
    found = adipose._along(wall, np.array([[60.0, 40.0], [60.0 + 20 * step[0], 40.0 + 20 * step[1]]]))
    assert found == pytest.approx([angle, angle])


def test_the_focus_touches_the_walls_most() -> None:
    """Of five: against a choice by hand from the same draws."""
    for seed in SEEDS:
        wall = adipose._walls(np.random.default_rng(100 + seed))
        draws = np.random.default_rng(seed)
        masks = [tumor.focus(draws) for _ in range(5)]
        shares = [float((mask * wall).sum()) for mask in masks]
        chosen = adipose._focus_at(np.random.default_rng(seed), wall)
        np.testing.assert_array_equal(chosen, masks[int(np.argmax(shares))])


@pytest.mark.parametrize("label", [0, 1])
def test_nuclei_lie_in_the_walls_and_flat_ones_along_them(
    noted: Any, monkeypatch: pytest.MonkeyPatch, label: int
) -> None:
    """But for a focus, which is left out here."""
    monkeypatch.setattr(lymphoid, "fill", lambda *_: None)
    flat = 0
    for seed in SEEDS:
        drawn = adipose.fat(np.random.default_rng(seed), label)
        wall = adipose._walls(np.random.default_rng(seed))
        assert drawn.kinds <= {nuclei.LYMPHOCYTE, nuclei.SPINDLE}
        assert (fields.at(wall, drawn.centers(nuclei.LYMPHOCYTE, nuclei.SPINDLE)) > 0.8).all()
        for one in drawn.placed:
            if one.kind is nuclei.SPINDLE:
                flat += len(one.points)
                np.testing.assert_array_equal(one.angles, adipose._along(wall, one.points))
    assert flat > 20


def test_cells_are_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """No eosin and no nucleus in them, off the walls and the nuclei at their edge."""
    monkeypatch.setattr(lymphoid, "fill", lambda *_: None)
    for seed in SEEDS:
        drawn = adipose.fat(np.random.default_rng(seed), 0)
        far = ndimage.distance_transform_edt(adipose._walls(np.random.default_rng(seed)) == 0) > 14
        assert far.any()
        assert drawn.eosin[far].max() == drawn.hematoxylin[far].max() == 0


def test_a_focus_always_under_label_1_and_at_times_under_label_0(noted: Any) -> None:
    """Of tumor there, of histiocytes here, in about a fifth of the patches."""
    benign = [adipose.fat(np.random.default_rng(seed), 0) for seed in range(60)]
    assert not any(drawn.tumor.any() for drawn in benign)
    assert 4 <= sum(nuclei.HISTIOCYTE in drawn.kinds for drawn in benign) <= 22
    malignant = [adipose.fat(np.random.default_rng(seed), 1) for seed in range(60)]
    assert all(drawn.tumor[fields.CENTER, fields.CENTER].any() for drawn in malignant)
    assert not any(nuclei.HISTIOCYTE in drawn.kinds for drawn in malignant)
    assert sum(bool(drawn.kinds & {nuclei.TUMOR, nuclei.SMALL_TUMOR}) for drawn in malignant) > 45
