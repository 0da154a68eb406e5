"""All metrics of one call: each equals the metric called alone, with its interval and N."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.errors import UserError
from tasks.metrics.frechet import frechet_distance
from tasks.metrics.kernel import kernel_distance
from tasks.metrics.kernel_subsets import kernel_subset_protocol
from tasks.metrics.prdc import prdc
from tasks.metrics.precision_recall import improved_precision_recall
from tasks.score import compute
from tasks.score.choices import CHOICES, COPYING


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    return rng.normal(size=(1100, 4)), rng.normal(0.3, 1.2, size=(1050, 4))


@pytest.fixture
def found(rows):
    scored = compute.score(real=rows[0], synthetic=rows[1], names=[name for name in CHOICES if name not in COPYING])
    return {one.metric.name: one for one in scored}


def test_each_value_is_that_of_its_metric_alone(rows, found):
    """One pass for all changes none."""
    both = {"real": rows[0], "synthetic": rows[1]}
    improved, four = improved_precision_recall(**both), prdc(**both)
    subsets = kernel_subset_protocol(**both)
    expected = {
        "fd": frechet_distance(**both), "kd": kernel_distance(**both), "kd-subsets": subsets.mean,
        "precision-k3": improved.improved_precision, "recall-k3": improved.improved_recall,
        "precision-k5": four.prdc_precision, "recall-k5": four.prdc_recall,
        "density-k5": four.density, "coverage-k5": four.coverage,
    }  # fmt: skip
    assert {name: one.value for name, one in found.items()} == pytest.approx(expected, abs=5e-6)
    assert f"{subsets.spread_over_subsets:.3g}"[:4] in found["kd-subsets"].note


def test_every_number_is_qualified(found):
    """N by role; an interval that holds it, or why there is none."""
    for name, one in found.items():
        assert one.n == {"real": 1100, "synthetic": 1050}
        if name == "kd-subsets":
            assert one.interval is None
            assert "no standard error" in one.note
            continue
        assert one.interval.low <= one.value <= one.interval.high
        assert "slides unknown" in one.note


def test_slides_carry_the_intervals(rows, found):
    """Patches of a slide that are alike: wider, and the note is gone."""
    slides = np.array([f"s{slide:02}" for slide in np.repeat(np.arange(11), 100)])
    real = rows[0] + np.repeat(np.random.default_rng(1).normal(size=(11, 4)), 100, axis=0)
    plain, grouped = (
        {one.metric.name: one for one in compute.score(real=real, synthetic=rows[1], names=["fd", "kd"], slides=given)}
        for given in ({}, {"real": slides})
    )
    for name in ("fd", "kd"):
        assert grouped[name].value == pytest.approx(plain[name].value, rel=1e-6)
        widths = [one[name].interval.high - one[name].interval.low for one in (plain, grouped)]
        assert widths[1] > 2 * widths[0]
        assert grouped[name].slides == {"real": 11}
        assert "slides unknown" not in (grouped[name].note or "")


def test_only_what_is_asked_for_is_computed(rows):
    """In the order of the choices, whatever that of the question."""
    scored = compute.score(real=rows[0][:40], synthetic=rows[1][:40], names=["pr", "fd"])
    assert [one.metric.name for one in scored] == ["fd", "precision-k3", "recall-k3"]


def test_roles_are_not_swappable():
    """A collapsed generator is precise and covers little."""
    rng = np.random.default_rng(1)
    real, synthetic = rng.normal(size=(200, 3)), 0.05 * rng.normal(size=(100, 3))
    scored = compute.score(real=real, synthetic=synthetic, names=["pr", "prdc"])
    found = {one.metric.name: one.value for one in scored}
    assert found["precision-k3"] > 0.9 > 0.2 > found["recall-k3"]
    assert found["precision-k5"] > 0.9 > 0.2 > max(found["recall-k5"], found["coverage-k5"])


def test_a_covariance_without_full_rank_is_marked(rows):
    """Four rows of four columns."""
    (fd,) = compute.score(real=rows[0][:4], synthetic=rows[1][:9], names=["fd"])
    assert "N = 4 is not above D = 4" in fd.note


@pytest.mark.parametrize(("name", "fewest"), [("kd-subsets", 1000), ("prdc", 12), ("pr", 12), ("kd", 2)])
def test_too_few_rows_are_refused(rows, name, fewest):
    """By role, with how many there are."""
    with pytest.raises(UserError, match=rf"synthetic features have {fewest - 1} row\(s\): expected {fewest}"):
        compute.score(real=rows[0], synthetic=rows[1][: fewest - 1], names=[name])


def test_what_a_metric_needs_is_asked_for(rows):
    """The role, and what it is."""
    for name, role in (("authpct", "train"), ("ct", "train")):
        with pytest.raises(UserError, match=f"Metric '{name}' needs --{role}: features of the images the generator"):
            compute.score(real=rows[0], synthetic=rows[1], names=[name])
    with pytest.raises(UserError, match="Metric 'ct' needs --holdout: features of real images of the same slides"):
        compute.score(real=rows[0], synthetic=rows[1], train=rows[0], names=["ct"])


def test_copying_is_measured_beside_the_rest(rows):
    """With roles of its own."""
    scored = compute.score(
        real=rows[0], synthetic=rows[1], train=rows[0][:300], holdout=rows[0][300:500], names=["fd", "ct", "authpct"]
    )
    assert [one.metric.name for one in scored] == ["fd", "authpct", "ct"]
    assert scored[1].n == {"train": 300, "synthetic": 1050}
    assert scored[2].n == {"train": 300, "synthetic": 1050, "holdout": 200}


def test_slides_too_few_for_halves_are_refused(rows):
    """One slide of 38 patches and one of 2: a half may be the small one, which has no 5th neighbor."""
    slides = np.array(["large"] * 38 + ["small"] * 2)
    with pytest.raises(UserError, match="A half of the rows holds 2: expected more than k = 5"):
        compute.score(real=rows[0][:40], synthetic=rows[1][:40], names=["pr"], slides={"real": slides})
