"""Fréchet distance, CMMD and MIND, qualified."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.metrics.clip_mmd import clip_mmd
from tasks.metrics.frechet import frechet_distance
from tasks.metrics.mind import mind


@pytest.fixture
def both(rows):
    return {"real": rows[0][:90], "synthetic": rows[1][:80]}


@pytest.mark.parametrize("intervals", [True, False])
def test_values_are_those_of_the_metrics(both, scored, intervals):
    """With an interval that holds them, or the reason for none."""
    found, cmmd = scored("fd,cmmd,mind", intervals=intervals, **both), clip_mmd(**both)
    expected = {
        "fd": frechet_distance(**both), "cmmd-unbiased": cmmd.unbiased, "cmmd-biased": cmmd.biased, "mind": mind(**both),
    }  # fmt: skip
    assert {name: one.value for name, one in found.items()} == pytest.approx(expected, rel=1e-6)
    for one in found.values():
        assert one.n == {"real": 90, "synthetic": 80}
        assert (one.interval is not None) is intervals
        assert not intervals or one.interval.low <= one.value <= one.interval.high


def test_slides_carry_the_intervals(both, scored):
    """Patches of a slide that are alike: wider, for all three."""
    slides = np.repeat([f"s{slide}" for slide in range(9)], 10)
    both["real"] = 0.5 * both["real"] + np.repeat(np.random.default_rng(1).normal(size=(9, 4)), 10, axis=0)
    plain, grouped = (scored("fd,cmmd,mind", slides=given, **both) for given in ({}, {"real": slides}))
    for name, one in grouped.items():
        assert one.value == pytest.approx(plain[name].value, rel=1e-6)
        assert one.interval.high - one.interval.low > 1.5 * (plain[name].interval.high - plain[name].interval.low)
        assert one.slides == {"real": 9}


def test_a_covariance_without_full_rank_is_marked(rows, scored):
    """Four rows of four columns."""
    found = scored("fd", real=rows[0][:4], synthetic=rows[1][:9])
    assert "N = 4 is not above D = 4" in found["fd"].note
