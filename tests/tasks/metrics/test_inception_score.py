"""The Inception score against torch-fidelity and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch_fidelity.metric_isc import isc_features_to_metric

from benchmark.errors import UserError
from tasks.metrics.inception_score import inception_score, inception_score_replicates


@pytest.mark.parametrize(("n", "splits", "seed"), [(105, 10, 2020), (40, 1, 7), (33, 4, None)])
def test_equal_to_torch_fidelity(n, splits, seed):
    """The same shuffle and splits, of unlike size too."""
    logits = 3 * np.random.default_rng(0).normal(size=(n, 7))
    theirs = isc_features_to_metric(
        torch.from_numpy(logits), splits=splits, shuffle=seed is not None, rng_seed=seed or 0
    )
    found = inception_score(logits=logits, splits=splits, seed=seed)
    assert found.mean == pytest.approx(theirs["inception_score_mean"], rel=1e-12)
    assert found.spread_over_splits == pytest.approx(theirs["inception_score_std"], rel=1e-9, abs=1e-12)


def test_between_one_and_the_number_of_classes():
    """All images alike: one. Each of five classes for sure, equally often: five, though logarithms of zero occur."""
    assert inception_score(logits=np.ones((20, 5)), splits=2).mean == pytest.approx(1.0)
    sure = 1e6 * np.eye(5)[np.arange(20) % 5]
    assert inception_score(logits=sure, splits=2, seed=None).mean == pytest.approx(5.0)
    # Three of the five classes never occur: the logarithm of their share is that of nothing.
    assert inception_score(logits=sure[np.arange(20) % 5 < 2], splits=1, seed=None).mean == pytest.approx(2.0)


def test_fewer_images_than_splits_are_refused():
    """And no splits."""
    with pytest.raises(UserError, match="expected 10 or more"):
        inception_score(logits=np.ones((9, 5)))
    with pytest.raises(UserError, match="0 splits"):
        inception_score(logits=np.ones((9, 5)), splits=0)


def test_probabilities_are_refused():
    """In any precision that files hold; their logarithms are logits, and so are others that happen to be positive."""
    logits = 3 * np.random.default_rng(0).normal(size=(40, 7))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for given in (shares, shares.astype(np.float16), np.eye(7)[np.arange(40) % 7]):
        with pytest.raises(UserError, match="these are probabilities"):
            inception_score(logits=given)
    assert inception_score(logits=np.log(shares)).mean == pytest.approx(inception_score(logits=logits).mean)
    assert inception_score(logits=shares + 0.01).mean > 1.0


@pytest.mark.parametrize("splits", [1, 5])
def test_the_influence_is_a_derivative_by_the_weight_of_an_image(splits):
    """Of one image of many: the score without it is computed anew from the images left in its split."""
    logits = 2 * np.random.default_rng(3).normal(size=(4000, 6))
    groups = np.arange(4000)
    found = inception_score_replicates(logits=logits, groups=groups, splits=splits, seed=None)
    assert found.full == pytest.approx(inception_score(logits=logits, splits=splits, seed=None).mean, rel=1e-12)
    size = 4000 // splits
    for index in (0, 1234):
        kept = np.delete(logits, index, axis=0)
        part = slice(index // size * size, (index // size + 1) * size - 1)
        own = inception_score(logits=kept[part], splits=1, seed=None).mean
        whole = inception_score(logits=logits[part.start : part.stop + 1], splits=1, seed=None).mean
        moved = found.full - found.sides[0].values[index]
        assert moved == pytest.approx((whole - own) / splits, rel=2e-2)
