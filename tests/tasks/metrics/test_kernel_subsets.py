"""The subset protocol against torch-fidelity, and what its spread is not."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import torch
from torch_fidelity.defaults import DEFAULTS
from torch_fidelity.metric_kid import kid_features_to_metric

from benchmark.errors import UserError
from tasks.metrics.kernel import kernel_distance
from tasks.metrics.kernel_subsets import kernel_subset_protocol

ROUNDING = 2e-7
"""What float32 may cost: 1e-7 of the mean of |k|, which is below 2 here."""


@pytest.fixture
def rows():
    rng = np.random.default_rng(3)
    return rng.normal(size=(150, 8)), rng.normal(0.2, 1.3, size=(110, 8))


@pytest.mark.parametrize("seed", [2020, 7])
def test_equal_to_torch_fidelity(rows, seed):
    """The same subsets in the same order, sides of unlike size: mean and spread."""
    theirs = kid_features_to_metric(
        torch.from_numpy(rows[1]), torch.from_numpy(rows[0]), kid_subsets=12, kid_subset_size=60, rng_seed=seed,
        verbose=False,
    )  # fmt: skip
    ours = kernel_subset_protocol(real=rows[0], synthetic=rows[1], subsets=12, subset_size=60, seed=seed)
    assert ours.mean == pytest.approx(theirs["kernel_inception_distance_mean"], abs=ROUNDING)
    assert ours.spread_over_subsets == pytest.approx(theirs["kernel_inception_distance_std"], abs=ROUNDING)
    assert (ours.subsets, ours.subset_size) == (12, 60)


def test_defaults_are_torch_fidelitys():
    """A hundred subsets of a thousand, seed 2020."""
    ours = inspect.signature(kernel_subset_protocol).parameters
    for name, theirs in (("subsets", "kid_subsets"), ("subset_size", "kid_subset_size"), ("seed", "rng_seed")):
        assert ours[name].default == DEFAULTS[theirs]
    assert [ours[name].default for name in ("subsets", "subset_size", "seed")] == [100, 1000, 2020]


def test_a_subset_of_all_rows_is_the_distance_itself(rows):
    """Without replacement, so that every subset is the whole; the spread is then nothing."""
    real, synthetic = rows[0][:40], rows[1][:40]
    found = kernel_subset_protocol(real=real, synthetic=synthetic, subsets=3, subset_size=40)
    assert found.mean == pytest.approx(kernel_distance(real=real, synthetic=synthetic), abs=ROUNDING)
    assert found.spread_over_subsets == pytest.approx(0.0, abs=ROUNDING)


def test_the_spread_is_of_subsets_and_not_of_the_mean(rows):
    """Ten times as many subsets: the spread stays, where a standard error would shrink by three."""
    few, many = (
        kernel_subset_protocol(real=rows[0], synthetic=rows[1], subsets=subsets, subset_size=30)
        for subsets in (30, 300)
    )
    assert many.spread_over_subsets == pytest.approx(few.spread_over_subsets, rel=0.3)


def test_seed_decides_and_the_global_state_is_left_alone(rows):
    """The stream is the published one, of a generator of its own."""
    first = kernel_subset_protocol(real=rows[0], synthetic=rows[1], subsets=3, subset_size=20)
    np.random.seed(5)  # noqa: NPY002
    untouched = np.random.get_state()[1].copy()  # noqa: NPY002
    assert kernel_subset_protocol(real=rows[0], synthetic=rows[1], subsets=3, subset_size=20) == first
    np.testing.assert_array_equal(np.random.get_state()[1], untouched)  # noqa: NPY002
    assert kernel_subset_protocol(real=rows[0], synthetic=rows[1], subsets=3, subset_size=20, seed=1) != first


@pytest.mark.parametrize("role", ["real", "synthetic"])
def test_fewer_rows_than_a_subset_are_refused(role, rows):
    """Never a smaller subset in silence."""
    few, other = {role: rows[0][:19]}, {"synthetic" if role == "real" else "real": rows[1]}
    with pytest.raises(UserError, match=rf"The {role} features have 19 row\(s\): expected 20 or more"):
        kernel_subset_protocol(**few, **other, subsets=2, subset_size=20)


@pytest.mark.parametrize(("subsets", "size"), [(0, 20), (-1, 20), (2, 1), (2, 0)])
def test_a_protocol_of_nothing_is_refused(subsets, size, rows):
    """Rather than a mean that is NaN."""
    with pytest.raises(
        UserError, match=rf"{subsets} subset\(s\) of {size} row\(s\): expected one or more, of two rows"
    ):
        kernel_subset_protocol(real=rows[0], synthetic=rows[1], subsets=subsets, subset_size=size)
