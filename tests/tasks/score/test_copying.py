"""Metrics of copying, qualified."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tasks.metrics.data_copying import data_copying
from tasks.score.copying import copying


@pytest.fixture
def found():
    """Both metrics of copies and of what learnt the distribution."""
    rng = np.random.default_rng(0)
    train, holdout, learnt = (rng.normal(size=(200, 4)) for _ in range(3))
    copies = train[:150] + 1e-3

    def call(synthetic):
        scored = copying(train=train, holdout=holdout, synthetic=synthetic, names=["ct", "authpct"], memory=2**27)
        return {one.metric.name: one for one in scored}

    return {
        "copies": call(copies),
        "learnt": call(learnt),
        "ct": data_copying(train=train, holdout=holdout, synthetic=learnt),
    }


def test_copies_stand_out_in_both(found):
    """Nearly none authentic, and far below zero."""
    assert found["copies"]["authpct"].value < 0.05
    assert 0.35 < found["learnt"]["authpct"].value < 0.65
    assert found["copies"]["ct"].value < -5
    assert found["learnt"]["ct"].value == found["ct"]


def test_the_interval_is_binomial_and_says_for_what(found):
    """SciPy's own, for as many synthetic rows; C_T says why it has none."""
    one = found["learnt"]["authpct"]
    ends = stats.binomtest(round(one.value * 200), 200).proportion_ci(0.95, method="exact")
    assert (one.interval.low, one.interval.high) == (ends.low, ends.high)
    assert "for this training set" in one.interval.method
    assert found["learnt"]["ct"].interval is None
    assert "in standard errors itself" in found["learnt"]["ct"].note
