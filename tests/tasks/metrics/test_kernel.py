from __future__ import annotations

import numpy as np
import pytest
import torch
from torch_fidelity.metric_kid import kid_features_to_metric

from benchmark.errors import UserError
from benchmark.statistics.groups import random_groups
from tasks.metrics.kernel import kernel_distance, kernel_null, kernel_replicates, kernel_sums
from tasks.metrics.kernel_subsets import kernel_subset_protocol


def brute_force(real, synthetic):
    """The definition, pair by pair."""

    def kernel(x, y):
        return (x @ y / len(x) + 1) ** 3

    def within(rows):
        pairs = [kernel(x, y) for i, x in enumerate(rows) for j, y in enumerate(rows) if i != j]
        return sum(pairs) / len(pairs)

    between = np.mean([kernel(x, y) for x in real for y in synthetic])
    return within(real) + within(synthetic) - 2 * between


ROUNDING = 2e-6
"""Of the mean of |k|: what the docstring of `kernel_distance` promises."""


def mean_kernel(*sides):
    """Mean of |k| over all pairs."""
    rows = np.concatenate(sides)
    return np.mean(np.abs(rows @ rows.T / rows.shape[1] + 1) ** 3)


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    return rng.normal(size=(23, 5)), rng.normal(0.4, 1.3, size=(17, 5))


def test_equal_to_the_definition(rows):
    """Unbiased: no row meets itself; whatever the block."""
    expected = brute_force(*rows)
    for memory in (1, 2**14, 2**27):
        found = kernel_distance(real=rows[0], synthetic=rows[1], memory=memory)
        assert found == pytest.approx(expected, abs=ROUNDING * mean_kernel(*rows))


def test_tiny_case_by_hand():
    """Real {1, 1}, synthetic {0, 0} in one dimension: 8 + 1 - 2 = 7."""
    assert kernel_distance(real=np.ones((2, 1)), synthetic=np.zeros((2, 1))) == pytest.approx(7.0)


def test_reference_protocol_equals_torch_fidelity():
    """The same subsets, the same mean and spread."""
    rng = np.random.default_rng(3)
    real, synthetic = rng.normal(size=(300, 8)), rng.normal(0.2, 1, size=(250, 8))
    theirs = kid_features_to_metric(
        torch.from_numpy(synthetic), torch.from_numpy(real), kid_subsets=20, kid_subset_size=100, rng_seed=2020,
        verbose=False,
    )  # fmt: skip
    ours = kernel_subset_protocol(real=real, synthetic=synthetic, subsets=20, subset_size=100)
    rounding = ROUNDING * mean_kernel(real, synthetic)
    assert ours.mean == pytest.approx(theirs["kernel_inception_distance_mean"], abs=rounding)
    assert ours.spread_over_subsets == pytest.approx(theirs["kernel_inception_distance_std"], abs=rounding)


def test_leaving_a_group_out_equals_computing_without_it(rows):
    """On each side."""
    first, second = random_groups(23, seed=0, groups=4), random_groups(17, seed=1, groups=3)
    sums = kernel_sums(real=rows[0], synthetic=rows[1], real_groups=first, synthetic_groups=second)
    found = kernel_replicates(sums)
    rounding = ROUNDING * mean_kernel(*rows)
    for group in range(4):
        without = brute_force(rows[0][first != group], rows[1])
        assert found.sides[0].values[group] == pytest.approx(without, abs=rounding)
    for group in range(3):
        without = brute_force(rows[0], rows[1][second != group])
        assert found.sides[1].values[group] == pytest.approx(without, abs=rounding)


def test_null_holds_what_is_alike_and_not_what_differs():
    """Halves of one sample lie within their null; a shifted sample does not."""
    rng = np.random.default_rng(5)
    one, other, far = rng.normal(size=(60, 4)), rng.normal(size=(60, 4)), rng.normal(1.5, 1, size=(60, 4))
    groups = random_groups(60, seed=0, groups=10)
    for synthetic, alike in ((other, True), (far, False)):
        sums = kernel_sums(real=one, synthetic=synthetic, real_groups=groups, synthetic_groups=groups)
        assert (kernel_null(sums, seed=1).p_value() > 0.05) is alike


def test_bad_features_are_refused():
    """By the same guard as every metric."""
    with pytest.raises(UserError, match="synthetic"):
        kernel_distance(real=np.ones((4, 2)), synthetic=np.full((4, 2), np.nan))
