"""Fréchet distance, CMMD and MIND, qualified."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.errors import UserError
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
    assert "N = 4 is below N_min = 5 (D + 1)" in found["fd"].note
    assert found["fd"].value > 0


def test_the_distance_at_infinite_n_is_that_of_the_populations(rows, scored):
    """Apart by a shift and a scale: 4 x (0.3^2 + 0.2^2), in closed form; its interval holds it, FD is above."""
    found = scored("fd,fd-infinity", real=rows[0], synthetic=rows[1])
    limit = found["fd-infinity"]
    assert limit.interval.low < 4 * (0.3**2 + 0.2**2) < limit.interval.high
    assert limit.value < found["fd"].value
    (bare,) = scored("fd-infinity", real=rows[0], synthetic=rows[1], intervals=False).values()
    assert (bare.value, bare.interval) == (limit.value, None)


def test_near_the_limit_the_value_at_infinite_n_says_that_such_are_selected(scored):
    """Unless all are shown, as under `mark`."""
    rng = np.random.default_rng(3)
    near = {"real": rng.normal(size=(200, 4)), "synthetic": rng.normal(0.2, 1.0, size=(150, 4))}
    usual, marked = (scored("fd-infinity", **near, below_n_min=one)["fd-infinity"] for one in ("usual", "mark"))
    assert usual.note.startswith("near the limit of half: ")
    assert usual.value == marked.value is not None
    assert "near the limit" not in (marked.note or "")


def test_what_speaks_against_a_number_stands_in_its_place_or_beside_it(rows, scored, monkeypatch):
    """FD-infinity of too few rows is refused unless it is asked for; FD is marked unless that is refused."""
    few = {"real": rows[0][:40].reshape(20, 8), "synthetic": rows[1][:40].reshape(20, 8)}
    slides = {"real": np.repeat(np.arange(10), 2).astype(str)}
    usual, marked, refused = (
        scored("fd,fd-infinity", **few, slides=slides, below_n_min=one) for one in ("usual", "mark", "refuse")
    )
    reason = "N = 20 is below N_min = 32 (4 D): the distance need not be a line in 1/N yet"
    assert (usual["fd-infinity"].value, usual["fd-infinity"].interval, usual["fd-infinity"].note) == (
        None,
        None,
        reason,
    )
    assert usual["fd-infinity"].slides == marked["fd-infinity"].slides == {"real": 10}
    assert usual["fd-infinity"].n == {"real": 20, "synthetic": 20}
    assert marked["fd-infinity"].value is not None
    assert marked["fd-infinity"].note.startswith(reason)
    assert refused["fd"].value == usual["fd"].value > 0
    fewer = {role: table[:4] for role, table in few.items()}
    assert scored("fd", **fewer)["fd"].value is not None
    assert scored("fd", **fewer, below_n_min="refuse")["fd"].value is None
    with monkeypatch.context() as patched:
        patched.delattr("tasks.metrics.frechet_infinity.influences")
        (unfitted,) = scored("fd-infinity", **few, slides=slides).values()
        assert unfitted == usual["fd-infinity"]
        with pytest.raises(NameError, match="influences"):
            scored("fd-infinity", **few, slides=slides, below_n_min="mark")
        few = {**few, "real": few["real"].copy()}
        few["real"][3, 2] = np.inf
        with pytest.raises(UserError, match="real features hold"):
            scored("fd-infinity", **few, slides=slides)
    (none,) = scored("fd-infinity", **fewer, below_n_min="mark").values()
    assert none.value is None
    assert "expected 8 or more" in none.note
