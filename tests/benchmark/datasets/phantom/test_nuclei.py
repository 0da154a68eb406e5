"""Banks of nuclei."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from benchmark.datasets.phantom import nuclei

KINDS = [value for value in vars(nuclei).values() if isinstance(value, nuclei.NucleusKind)]


def test_kinds_have_generators_of_their_own() -> None:
    """Two kinds with one number would share their random outlines."""
    assert len({kind.number for kind in KINDS}) == len(KINDS) == 11


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.number))
def test_stamps_are_whole(kind: nuclei.NucleusKind) -> None:
    """Odd sides, no negative stain, and hardly a stamp cut off by its frame."""
    stamps = nuclei.bank(kind)
    assert stamps.dtype == np.float32
    assert stamps.shape[0] == nuclei.VARIANTS
    assert stamps.shape[1] == stamps.shape[2]
    assert stamps.shape[1] % 2 == 1
    assert stamps.min() >= 0
    frame = np.ones(stamps.shape[1:], bool)
    frame[1:-1, 1:-1] = False
    assert (stamps[:, frame].max(axis=1) > 0).mean() < 0.03


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.number))
def test_area_is_that_of_the_radius(kind: nuclei.NucleusKind) -> None:
    """Elongation keeps the area: pi r^2 on average, up to outline and edge."""
    area = (nuclei.bank(kind) > 0.5 * kind.body).sum(axis=(1, 2)).mean()
    assert area == pytest.approx(np.pi * kind.radius**2, rel=0.25)


@pytest.mark.parametrize("kind", [nuclei.SPINDLE, nuclei.COLUMNAR])
def test_aligned_stamps_point_where_their_number_says(kind: nuclei.NucleusKind) -> None:
    """The principal axis of stamp v is pi v / VARIANTS, x to the right and y down."""
    stamps = nuclei.bank(kind).astype(float)
    half = stamps.shape[1] // 2
    y, x = np.mgrid[-half : half + 1, -half : half + 1]
    total = stamps.sum(axis=(1, 2))
    x0, y0 = (stamps * x).sum(axis=(1, 2)) / total, (stamps * y).sum(axis=(1, 2)) / total
    dx, dy = x - x0[:, None, None], y - y0[:, None, None]
    xx, yy, xy = ((stamps * m).sum(axis=(1, 2)) for m in (dx * dx, dy * dy, dx * dy))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    error = np.angle(np.exp(2j * (angle - np.pi * np.arange(nuclei.VARIANTS) / nuclei.VARIANTS))) / 2
    assert np.abs(error).max() < 0.5
    assert np.abs(error).mean() < 0.12


def test_tumor_nuclei_are_larger_and_paler_than_lymphocytes() -> None:
    """What a classifier can learn from."""
    tumor, lymphocyte = nuclei.bank(nuclei.TUMOR), nuclei.bank(nuclei.LYMPHOCYTE)
    assert (tumor > 0.2).sum() / (lymphocyte > 0.2).sum() > 2
    assert tumor[tumor > 0.2].mean() < 0.75 * lymphocyte[lymphocyte > 0.2].mean()


def test_bank_is_a_function_of_its_kind() -> None:
    """A changed number gives other outlines; the same kind the same ones."""
    nuclei.bank.cache_clear()
    first = nuclei.bank(nuclei.TUMOR).copy()
    nuclei.bank.cache_clear()
    np.testing.assert_array_equal(nuclei.bank(nuclei.TUMOR), first)
    other = nuclei.bank(dataclasses.replace(nuclei.TUMOR, number=99))
    assert not np.array_equal(other, first)
