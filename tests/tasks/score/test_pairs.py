"""The metrics of the shared pass: each equals the metric called alone, with its interval and N."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.errors import UserError
from tasks.metrics.kernel import kernel_distance
from tasks.metrics.kernel_subsets import kernel_subset_protocol
from tasks.metrics.prdc import prdc
from tasks.metrics.precision_recall import improved_precision_recall

SHARES = ("precision-k3", "recall-k3", "precision-k5", "recall-k5", "density-k5", "coverage-k5")


@pytest.mark.parametrize("intervals", [True, False])
def test_each_value_is_that_of_its_metric_alone(rows, scored, intervals):
    """One pass for all changes none, nor that it makes no intervals."""
    both = {"real": rows[0], "synthetic": rows[1]}
    found = scored("kd,kd-subsets,pr,prdc", intervals=intervals, **both)
    subsets = kernel_subset_protocol(**both)
    shares = (*improved_precision_recall(**both), *prdc(**both))
    expected = {"kd": kernel_distance(**both), "kd-subsets": subsets.mean, **dict(zip(SHARES, shares, strict=True))}
    assert {name: one.value for name, one in found.items()} == pytest.approx(expected, abs=5e-6)
    assert f"{subsets.spread_over_subsets:.3g}"[:4] in found["kd-subsets"].note
    for name, one in found.items():
        assert one.n == {"real": 1100, "synthetic": 1050}
        assert (one.interval is not None) is (intervals and name != "kd-subsets")
        assert one.interval is None or one.interval.low <= one.value <= one.interval.high


def test_a_kind_of_balls_alone_has_the_same_numbers(rows, scored):
    """Its intervals too."""
    both = {"real": rows[0][:60], "synthetic": rows[1][:50]}
    together = scored("pr,prdc", **both)
    for name in ("pr", "prdc"):
        for key, one in scored(name, **both).items():
            assert (one.value, one.interval) == (together[key].value, together[key].interval)


def test_roles_are_not_swappable(scored):
    """A collapsed generator is precise and covers little."""
    rng = np.random.default_rng(1)
    found = scored("pr,prdc", real=rng.normal(size=(200, 3)), synthetic=0.05 * rng.normal(size=(100, 3)))
    values = {name: one.value for name, one in found.items()}
    assert values["precision-k3"] > 0.9 > 0.2 > values["recall-k3"]
    assert values["precision-k5"] > 0.9 > 0.2 > max(values["recall-k5"], values["coverage-k5"])


@pytest.mark.parametrize(("name", "fewest"), [("kd-subsets", 1000), ("prdc", 12), ("pr", 12), ("kd", 2)])
def test_too_few_rows_are_refused(rows, scored, name, fewest):
    """By role, with how many there are."""
    with pytest.raises(UserError, match=rf"synthetic features have {fewest - 1} row\(s\): expected {fewest}"):
        scored(name, real=rows[0], synthetic=rows[1][: fewest - 1])


def test_slides_too_few_for_halves_are_refused(rows, scored):
    """One slide of 38 patches and one of 2: a half may be the small one, which has no 5th neighbor."""
    slides = np.array(["large"] * 38 + ["small"] * 2)
    with pytest.raises(UserError, match="A half of the rows holds 2: expected more than k = 5"):
        scored("pr", real=rows[0][:40], synthetic=rows[1][:40], slides={"real": slides})
