"""Infiltrating tumor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmark.datasets.phantom import fields, layout, nuclei
from benchmark.datasets.phantom.morphologies import infiltrating

TUMOR = (nuclei.DARK_TUMOR, nuclei.SMALL_TUMOR)


def test_under_label_1_a_file_runs_through_the_central_third() -> None:
    """Its first cell lies there, but for a cell's unrest at the very edge."""
    nearest = [
        layout.from_center(infiltrating._places(np.random.default_rng(seed), 0.3, 1)).min() for seed in range(100)
    ]
    assert max(nearest) < 4
    assert np.mean(np.array(nearest) == 0) > 0.95


def test_under_label_0_the_first_file_begins_well_off_it() -> None:
    """So that there is tumor to see: the cells close to the center are left out when they are painted."""
    furthest = [
        layout.from_center(infiltrating._places(np.random.default_rng(seed), 0.3, 0)).max() for seed in range(100)
    ]
    assert min(furthest) > 11


@pytest.mark.parametrize("angle", [0.0, 0.6, np.pi / 2, 2.4])
def test_cells_stand_one_behind_the_other_along_the_angle(angle: float) -> None:
    """The nearest neighbor is about a cell away along it, and hardly across it."""
    along, across = [], []
    for seed in range(60):
        points = infiltrating._places(np.random.default_rng(seed), angle, 1)
        if len(points) < 2:
            continue
        distance = np.linalg.norm(points[:, None] - points, axis=-1) + 1e9 * np.eye(len(points))
        step = points[distance.argmin(axis=1)] - points
        along.append(np.abs(step @ [np.cos(angle), np.sin(angle)]))
        across.append(np.abs(step @ [-np.sin(angle), np.cos(angle)]))
    assert 7 < np.median(np.concatenate(along)) < 12
    assert np.median(np.concatenate(across)) < 3


def test_one_to_four_files_and_few_cells() -> None:
    """Each file has at most eleven."""
    counts = [len(infiltrating._places(np.random.default_rng(seed), 0.0, 1)) for seed in range(200)]
    assert 1 <= min(counts) <= 3
    assert 11 < max(counts) <= 44


def test_cells_run_along_the_fibers(noted: Any) -> None:
    """The spindle cells of the stroma show where these go."""
    along, across = [], []
    for seed in range(20):
        drawn = infiltrating.files(np.random.default_rng(seed), 1)
        angle = np.random.default_rng(seed).uniform(0, np.pi)
        (spindles,) = [one for one in drawn.placed if one.kind is nuclei.SPINDLE]
        assert np.abs(np.angle(np.exp(2j * (spindles.angles - angle)))).mean() / 2 < 0.3
        points = drawn.centers(*TUMOR)
        if len(points) > 1:
            distance = np.linalg.norm(points[:, None] - points, axis=-1) + 1e9 * np.eye(len(points))
            step = points[distance.argmin(axis=1)] - points
            along.append(np.abs(step @ [np.cos(angle), np.sin(angle)]))
            across.append(np.abs(step @ [-np.sin(angle), np.cos(angle)]))
    assert np.median(np.concatenate(along)) > 2 * np.median(np.concatenate(across))


def test_dark_cells_in_half_of_the_patches_small_ones_in_the_others(noted: Any) -> None:
    """Never both, never others."""
    found = [infiltrating.files(np.random.default_rng(seed), 1).kinds - {nuclei.SPINDLE} for seed in range(60)]
    assert {frozenset(kinds) for kinds in found} == {frozenset({kind}) for kind in TUMOR}
    assert 18 < sum(nuclei.DARK_TUMOR in kinds for kinds in found) < 42


@pytest.mark.parametrize("label", [0, 1])
def test_tumor_is_where_its_cells_are(noted: Any, label: int) -> None:
    """A small part of the patch on the whole, in the central third under label 1 alone."""
    shares = []
    for seed in range(20):
        drawn = infiltrating.files(np.random.default_rng(seed), label)
        points = drawn.centers(*TUMOR)
        inner = points[(points.min(axis=1) > 0) & (points.max(axis=1) < 95)]
        assert drawn.tumor[inner[:, 1].astype(int), inner[:, 0].astype(int)].all()
        shares.append(drawn.tumor.mean())
        assert drawn.tumor[fields.CENTER, fields.CENTER].any() == bool(label)
    assert 0 < np.mean(shares) < 0.3
