"""How far lower precision moves the Fréchet distance."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from benchmark.contracts.task import Features
from tasks import precision
from tasks.fidelity import Fidelity


def features(seed, shift, rounding):
    """Rows whose values are rounded, and the first of them as they were."""
    exact = np.random.default_rng(seed).normal(shift, 1, (60, 3)).astype(np.float32)
    values = np.round(exact / rounding) * np.float32(rounding)
    return Features(values=values.astype(np.float32), labels=np.zeros(60, np.int64), slides=None, exact=exact[:40])


def test_it_is_measured_on_rows_that_are_there_in_both_precisions():
    """Rounding up one side alone moves its mean: known truth, with its sign and N."""
    real = features(0, 0.0, 1e-6)
    synthetic = features(1, 1.0, 1e-6)
    moved = dataclasses.replace(synthetic, values=synthetic.values + np.float32(0.5))
    assert abs(precision.drift(real, synthetic)["precision_drift"]) < 1e-4
    found = precision.drift(real, moved)
    means = [side.exact.mean(axis=0) for side in (real, synthetic)]
    apart = means[1] - means[0]
    assert found["precision_drift"] == pytest.approx(((apart + 0.5) ** 2 - apart**2).sum(), rel=1e-4)
    assert found["precision_drift_n"] == 40
    other = precision.drift(dataclasses.replace(real, values=real.values + np.float32(0.5)), synthetic)
    assert other["precision_drift"] < 0 < found["precision_drift"]


def test_the_record_has_it_and_says_it(measured, context):
    """As a number and in words beside FD; features in float32 have neither."""
    real, synthetic = features(0, 0.0, 0.25), features(1, 1.0, 0.25)
    low = measured(Fidelity(permutations=1), real, synthetic, context)["fd"]
    assert set(low.samples) == {"precision_drift", "precision_drift_fd", "precision_drift_n"}
    assert f"they move FD by {low.samples['precision_drift']:+.3g} from" in low.note
    plain = [dataclasses.replace(side, exact=None) for side in (real, synthetic)]
    full = measured(Fidelity(permutations=1), plain[0], plain[1], context)["fd"]
    assert full.samples == {}
    assert "precision" not in (full.note or "")
