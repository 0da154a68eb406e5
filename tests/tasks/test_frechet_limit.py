"""FD-infinity on the board: the metric's number with all that qualifies it, or why there is none."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.contracts.task import Value
from benchmark.errors import UserError
from benchmark.statistics import jackknife
from tasks import frechet_limit
from tasks.metrics.frechet import frechet_distance
from tasks.metrics.frechet_infinity import frechet_infinity

ROLES = (("reference", 0), ("synthetic", 9))


@pytest.fixture
def sets(features):
    """Real images of forty slides, some like them and some apart."""
    rng = np.random.default_rng(0)
    return {
        "real": features(rng.normal(size=(200, 4)), slides=40),
        "alike": features(rng.normal(size=(150, 4))),
        "apart": features(rng.normal(1.0, 1.2, size=(150, 4))),
    }


def test_the_number_is_that_of_the_metric_with_interval_n_and_slides(sets):
    """Slides are left out whole on the real side, requests on the other."""
    found = frechet_limit.value("toy", sets["real"], sets["apart"], "usual")
    sides = found.replicates.sides
    assert [len(side.values) for side in sides] == [40, 20]
    assert found.value == found.replicates.full
    assert found.interval == found.replicates.interval()
    assert found.interval.low < 4.0 + 4 * 0.2**2 < found.interval.high
    assert (found.key, found.n) == ("fd-infinity.toy", {"reference": 200, "synthetic": 150})
    assert (found.slides, found.note, found.refused) == ({"reference": 40}, None, None)
    swapped = frechet_infinity(
        real=sets["apart"].values, synthetic=sets["real"].values,
        real_groups=np.arange(150) % 20, synthetic_groups=np.arange(200) % 40,
    )  # fmt: skip
    assert found.value != pytest.approx(swapped.intercept.full, rel=1e-6)


def unfitted(**_):
    """Stands where the fit would be."""
    raise AssertionError("FD-infinity was fitted")


def test_too_few_images_are_refused_before_anything_is_fitted(features, monkeypatch):
    """With the words that mark a number; features that cannot be used are an error all the same."""
    few = {name: features(np.random.default_rng(level).normal(level, 1.0, (15, 4)), slides=8) for name, level in ROLES}
    marked = frechet_limit.value("toy", *few.values(), "mark")
    monkeypatch.setattr("tasks.metrics.frechet_infinity.influences", unfitted)
    for policy in ("usual", "refuse"):
        found = frechet_limit.value("toy", *few.values(), policy)
        expected = "N = 15 is below N_min = 16 (4 D): the distance need not be a line in 1/N yet"
        assert found == Value(
            "fd-infinity", None, {"reference": 15, "synthetic": 15}, extractor="toy", refused=expected
        )
        assert marked.note.startswith(expected)
    with pytest.raises(AssertionError, match="was fitted"):
        frechet_limit.value("toy", *few.values(), "mark")
    few["synthetic"].values[3, 1] = np.nan
    with pytest.raises(UserError, match="synthetic features hold NaN"):
        frechet_limit.value("toy", *few.values(), "usual")


def test_like_the_real_ones_it_is_refused_or_marked(sets):
    """As the suite says; a marked one keeps what it may be below zero."""
    refused = frechet_limit.value("toy", sets["real"], sets["alike"], "usual")
    marked = frechet_limit.value("toy", sets["real"], sets["alike"], "mark")
    assert refused.refused == marked.note
    plain = frechet_distance(real=sets["real"].values, synthetic=sets["alike"].values)
    assert refused.refused == (
        f"extrapolation would move it by more than half: from {plain:.4g} at this N to {marked.value:.4g}"
    )
    assert (refused.value, refused.interval) == (None, None)
    assert marked.interval.low < 0.0


def test_a_value_near_the_limit_says_that_such_are_selected(sets, features):
    """Unless all are shown, as under `mark`."""
    near = features(np.random.default_rng(3).normal(0.2, 1.0, size=(150, 4)))
    usual, refused, marked = (
        frechet_limit.value("toy", sets["real"], near, policy) for policy in ("usual", "refuse", "mark")
    )
    assert usual.note == refused.note
    assert usual.note.startswith("near the limit of half: ")
    assert usual.note.endswith("near it or beyond those shown read too high on average")
    assert usual.value == marked.value is not None
    assert marked.note is None


@pytest.mark.parametrize(("slides", "said"), [(16, None), (15, "15 slides are fewer than 4 D = 16: too high if")])
def test_few_slides_are_said(slides, said, sets, features):
    """Where images of a slide are alike, slides are what counts."""
    note = frechet_limit.value("toy", features(sets["real"].values, slides=slides), sets["apart"], "usual").note
    assert note is None if said is None else note.startswith(said)


def test_slides_unknown_are_said(sets, features):
    """Beside the number."""
    note = frechet_limit.value("toy", features(sets["real"].values), sets["apart"], "usual").note
    assert note == "slides unknown: the interval treats patches as independent"


def test_seven_slides_are_refused_whatever_the_suite_says(sets, features):
    """There is nothing to mark."""
    found = frechet_limit.value("toy", features(sets["real"].values, slides=7), sets["apart"], "mark")
    assert found.value is None
    assert found.refused == "the real side has 7 groups or slides: expected 8 or more"


def test_variants_of_one_size_pair(sets, features):
    """Their difference varies less than either."""
    noise = np.random.default_rng(1).normal(size=(150, 4))
    one, other = (
        frechet_limit.value("toy", sets["real"], features(noise + shift), "usual").replicates for shift in (1.0, 1.1)
    )
    gap = jackknife.difference(other, one)
    assert gap.full == pytest.approx(other.full - one.full)
    assert gap.standard_error < 0.5 * one.standard_error


def test_the_metric_says_what_may_be_compared():
    """At any N; lower is better; an estimate may be negative."""
    metric = frechet_limit.METRIC
    assert (metric.direction, metric.comparable_at, metric.bounds) == ("lower", "any N", (None, None))
