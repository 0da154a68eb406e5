"""Vendi and Inception score, qualified."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tasks.metrics.inception_score import inception_score
from tasks.metrics.vendi import vendi_score


@pytest.mark.parametrize(("name", "q"), [("vendi", 1.0), ("vendi-q0.5", 0.5), ("vendi-qinf", math.inf)])
def test_each_set_has_its_vendi_score(rows, scored, name, q):
    """The real one beside the synthetic one, with an interval that keeps to what the score can be."""
    real, synthetic = rows[0][:60], rows[1][:50]
    values = list(scored(name, real=real, synthetic=synthetic).values())
    assert [one.value for one in values] == pytest.approx([vendi_score(features=one, q=q) for one in (synthetic, real)])
    assert [one.n for one in values] == [{"synthetic": 50}, {"real": 60}]
    assert [one.metric.direction for one in values] == ["target", "reference"]
    for one in values:
        assert "too wide near the greatest score" in one.note
        assert 1.0 <= one.interval.low <= one.value <= one.interval.high <= 4.0


def test_a_count_of_directions_has_no_interval(rows, scored):
    """Order 0."""
    found = scored("vendi-q0", real=rows[0][:30], synthetic=rows[1][:30])
    assert (found["vendi-q0"].value, found["vendi-q0"].interval) == (4.0, None)
    assert "not smooth" in found["vendi-q0"].note


def test_the_inception_score_is_of_the_logits_alone(rows, scored):
    """The spread of its splits is named for what it is not."""
    logits = np.random.default_rng(1).normal(size=(90, 7))
    found = scored("is", real=rows[0], synthetic=rows[1][:90], synthetic_logits=logits)["is"]
    plain = inception_score(logits=logits)
    assert found.value == pytest.approx(plain.mean)
    assert found.interval.low < found.value < found.interval.high
    assert found.n == {"synthetic": 90}
    assert f"{plain.spread_over_splits:.4g}, which is no standard error" in found.note
    assert "91 to 96 %" in found.note
