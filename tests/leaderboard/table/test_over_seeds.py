"""The mean over seeds and its interval, computed by hand."""

from __future__ import annotations

import pytest

from leaderboard.table import over_seeds


def test_mean_and_t_interval_by_hand(made) -> None:
    """1, 2, 6: mean 3, sd sqrt(7), se sqrt(7 / 3); t(0.975, 2) = 4.302652730."""
    metric = made.metric(bounds=(None, None))
    found = over_seeds.estimate([made.value(1.0), made.value(2.0), made.value(6.0)], metric)
    half = 4.302652730 * (7.0 / 3.0) ** 0.5
    assert found.value == 3.0
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((3.0 - half, 3.0 + half), rel=1e-9)
    assert found.interval.df == 2.0
    assert found.over_seeds


def test_five_seeds_are_not_marked_conditional_and_four_are(made) -> None:
    """Fewer than five seeds are conditional on these seeds, and n is said."""
    values = [made.value(float(number)) for number in range(5)]
    assert (
        over_seeds.estimate(values, made.metric()).method
        == "95 % over seeds, n = 5, t quantile; on the same real images"
    )
    four = over_seeds.estimate(values[:4], made.metric()).method
    assert "n = 4" in four
    assert four.endswith("conditional on these seeds")


def test_seeds_that_redraw_the_same_real_images_are_no_replicates(made) -> None:
    """The mean, and the mean of their own intervals' ends; without one of them there is none."""
    ends = [(0.0, 7.0), (1.0, 9.0), (2.0, 11.0)]
    values = [made.value(2.0 + n, interval=made.interval(*ends[n]), note=None) for n in range(3)]
    found = over_seeds.estimate(values, made.metric(), redrawn=True)
    assert (found.value, found.interval.low, found.interval.high) == (3.0, 1.0, 9.0)
    assert found.method.endswith("mean of the intervals of 3 seeds, for seeds use the same real images")
    assert not found.over_seeds
    bare = over_seeds.estimate([*values[:2], made.value(4.0, note="no half differs")], made.metric(), redrawn=True)
    assert (bare.value, bare.interval, bare.method) == (3.0, None, "no interval: no half differs")


def test_a_reference_has_one_kind_of_interval_in_all_rows(made) -> None:
    """The same number in the row of a generator and of a control: that of its own real images."""
    ends = [(0.0, 7.0), (1.0, 9.0), (2.0, 11.0)]
    values = [made.value(2.0 + n, interval=made.interval(*ends[n]), note=None) for n in range(3)]
    metric = made.metric(direction="reference")
    rows = [over_seeds.estimate(values, metric, redrawn=redrawn) for redrawn in (False, True)]
    assert rows[0] == rows[1]
    assert (rows[0].interval.low, rows[0].interval.high) == (1.0, 9.0)


def test_interval_is_cut_to_the_metrics_bounds(made) -> None:
    """A share has no interval above 1, a distance none below 0."""
    share = made.metric(bounds=(0.0, 1.0))
    found = over_seeds.estimate([made.value(0.5), made.value(1.0)], share).interval
    assert found is not None
    assert (found.low, found.high) == (0.0, 1.0)


def test_one_seed_keeps_its_own_interval_and_states_its_method(made) -> None:
    """The record's own interval is shown, untouched."""
    own = made.interval(0.9, 1.2)
    found = over_seeds.estimate([made.value(1.0, interval=own, note=None)], made.metric())
    assert found.interval is own
    assert not found.over_seeds
    assert found.method == "95 % delete-a-group jackknife, t quantile; one seed"


def test_equal_numbers_are_no_replicates(made) -> None:
    """Seeds that change nothing would give an interval of width 0; the record's own stands."""
    own = made.interval(0.9, 1.2)
    found = over_seeds.estimate([made.value(1.1, interval=own, note=None)] * 5, made.metric())
    assert found.interval is own
    assert "the same number at all 5 seeds" in found.method


def test_no_interval_says_why_once(made) -> None:
    """The note is the reason; it is not prefixed twice."""
    assert over_seeds.estimate([made.value(1.0, note="too few")], made.metric()).method == "no interval: too few"
    assert over_seeds.estimate([made.value(1.0, note="no interval: x")], made.metric()).method == "no interval: x"
