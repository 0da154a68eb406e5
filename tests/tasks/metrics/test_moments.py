"""Moments against NumPy's own, in blocks, and where a common level would eat the digits."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tasks.metrics import moments
from tasks.metrics.moments import Moments


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int16])
def test_mean_and_unbiased_covariance_in_float64(dtype):
    """Divisor N - 1, whatever the dtype of the features."""
    features = (10 * np.random.default_rng(0).normal(size=(40, 5))).astype(dtype)
    found = Moments.of(features)
    assert found.rows == 40
    assert found.mean.dtype == found.covariance.dtype == np.float64
    np.testing.assert_allclose(found.mean, features.astype(np.float64).mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(found.covariance, np.cov(features.astype(np.float64).T, ddof=1), rtol=1e-10, atol=1e-12)


def test_two_rows_by_hand():
    """(0, 0) and (2, 4): mean (1, 2), covariance 2, 4, 8."""
    found = Moments.of(np.array([[0.0, 0.0], [2.0, 4.0]]))
    assert found.mean.tolist() == [1.0, 2.0]
    assert found.covariance.tolist() == [[2.0, 4.0], [4.0, 8.0]]


def test_covariance_is_symmetric_to_the_last_bit():
    """Eigen-decompositions read one triangle only."""
    found = Moments.of(np.random.default_rng(1).normal(size=(31, 17)))
    np.testing.assert_array_equal(found.covariance, found.covariance.T)


def test_a_common_level_eats_no_digits():
    """A million above the spread: equal to exact fractions to ten digits."""
    values = np.round(np.random.default_rng(2).normal(size=30), 3) + 1e6
    fractions = [Fraction(value) for value in values]
    mean = sum(fractions) / 30
    variance = sum((value - mean) ** 2 for value in fractions) / 29
    found = Moments.of(values[:, None])
    assert found.covariance[0, 0] == pytest.approx(float(variance), rel=1e-10)
    assert found.mean[0] == pytest.approx(float(mean), rel=1e-15)


@pytest.mark.parametrize("block", [1, 7, 100])
def test_no_block_changes_more_than_rounding(block, monkeypatch):
    """Few rows at a time."""
    features = np.random.default_rng(6).normal(size=(60, 3))
    whole = Moments.of(features)
    monkeypatch.setattr(moments, "_ROWS", block)
    blocks = Moments.of(features)
    np.testing.assert_allclose(blocks.mean, whole.mean, rtol=1e-12)
    np.testing.assert_allclose(blocks.covariance, whole.covariance, rtol=1e-12)


def test_more_rows_than_a_block():
    """Nine thousand, the last block short."""
    features = np.random.default_rng(7).normal(size=(9001, 2)).astype(np.float32)
    np.testing.assert_allclose(Moments.of(features).covariance, np.cov(features.astype(np.float64).T), rtol=1e-11)
