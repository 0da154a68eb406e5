"""Metrics of copying, qualified."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tasks.metrics.data_copying import data_copying


@pytest.fixture
def sets():
    rng = np.random.default_rng(0)
    train, holdout, learnt = (rng.normal(size=(200, 4)) for _ in range(3))
    return {"train": train, "holdout": holdout, "learnt": learnt, "copies": train[:150] + 1e-3}


@pytest.fixture
def found(sets, scored):
    """Both metrics of copies and of what learnt the distribution."""
    given = {"real": sets["holdout"], "train": sets["train"], "holdout": sets["holdout"]}
    return {kind: scored("ct,authpct", synthetic=sets[kind], **given) for kind in ("learnt", "copies")}


def test_copies_stand_out_in_both(sets, found):
    """Nearly none authentic, and far below zero."""
    assert found["copies"]["authpct"].value < 0.05
    assert 0.35 < found["learnt"]["authpct"].value < 0.65
    assert found["copies"]["ct"].interval is None or found["copies"]["ct"].interval.high < -5
    assert found["copies"]["ct"].value < -5
    assert found["learnt"]["authpct"].n == {"train": 200, "synthetic": 200}
    assert found["learnt"]["ct"].n == {"train": 200, "synthetic": 200, "holdout": 200}


def test_the_interval_of_a_share_is_binomial_and_says_for_what(found):
    """SciPy's own, for as many synthetic rows; every row's own answer makes up the share."""
    one = found["learnt"]["authpct"]
    ends = stats.binomtest(round(one.value * 200), 200).proportion_ci(0.95, method="exact")
    assert (one.interval.low, one.interval.high) == (ends.low, ends.high)
    assert "for this training set" in one.interval.method
    assert one.images["authentic"].mean() == one.value


def test_the_interval_of_c_t_is_normal_about_it(sets, found):
    """1.96 standard errors either way, for this training set and its cells."""
    one = found["learnt"]["ct"]
    alone = data_copying(train=sets["train"], holdout=sets["holdout"], synthetic=sets["learnt"])
    assert one.value == alone.statistic
    assert one.interval.high - one.value == pytest.approx(1.959964 * alone.standard_error)
    assert "its cells" in one.interval.method
    assert one.note is None


def test_a_cell_of_few_rows_leaves_no_interval(sets, scored):
    """Nine held-out rows."""
    given = {"real": sets["holdout"], "train": sets["train"], "holdout": sets["holdout"][:9]}
    found = scored("ct", synthetic=sets["learnt"], **given)["ct"]
    assert found.interval is None
    assert "fewer than 10 synthetic or held-out rows" in found.note
