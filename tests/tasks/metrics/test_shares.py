"""Six shares in one pass: their values, and the halves of their intervals."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.statistics.subsampling import subsample
from tasks.metrics.prdc import prdc
from tasks.metrics.precision_recall import improved_precision_recall
from tasks.metrics.shares import neighbor_shares


def six(real, synthetic):
    """All six, each metric called on its own."""
    return (*improved_precision_recall(real=real, synthetic=synthetic), *prdc(real=real, synthetic=synthetic))


@pytest.mark.parametrize("slides", [None, 9])
def test_equal_to_each_metric_called_on_every_half(slides):
    """Rows or whole slides; the same splits, values, digest and units."""
    rng = np.random.default_rng(0)
    real, synthetic = rng.normal(size=(120, 6)), rng.normal(0.4, 1.1, size=(90, 6))
    units = np.arange(120) if slides is None else np.arange(120) % slides
    groups = {"real": units, "synthetic": np.arange(90)}
    first, second = real, synthetic
    expected = subsample(
        lambda *, real, synthetic: six(first[real], second[synthetic]), groups=groups, seed=3, splits=4
    )
    found = neighbor_shares(
        real=real, synthetic=synthetic, real_units=units, synthetic_units=np.arange(90), seed=3, splits=4
    )
    for mine, other in zip(found, expected, strict=True):
        assert mine.full == other.full
        assert mine.first == pytest.approx(other.first, abs=1e-12)
        assert mine.second == pytest.approx(other.second, abs=1e-12)
        assert (mine.units, mine.digest) == (other.units, other.digest)


def test_names_are_in_their_places():
    """A collapsed generator: precise, and covers little."""
    rng = np.random.default_rng(1)
    real, synthetic = rng.normal(size=(200, 3)), 0.05 * rng.normal(size=(200, 3))
    found = neighbor_shares(
        real=real, synthetic=synthetic, real_units=np.arange(200), synthetic_units=np.arange(200), splits=2
    )
    assert found.improved_precision.full > 0.9 > 0.2 > found.improved_recall.full
    assert found.density.full > 0.8
    assert found.coverage.full < 0.2


def test_halves_too_small_are_refused():
    """Ten rows, five in a half."""
    rows = np.random.default_rng(0).normal(size=(10, 2))
    with pytest.raises(UserError, match="A half of the rows holds 5: expected more than k = 5"):
        neighbor_shares(real=rows, synthetic=rows, real_units=np.arange(10), synthetic_units=np.arange(10))
