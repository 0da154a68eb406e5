"""Paired differences of the comparison named beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from leaderboard.table import boards

OLD, NEW, NEWEST = "off-the-shelf", "label-prompts", "morphology-k12"


def _comparison(made, values, *, primary=(OLD, NEW), **metric):
    """The first comparison of a board whose variants have these values, one list of seeds each."""
    one = made.metric(**metric)
    records = [
        made.record(name, value, seed=seed, metrics=[one], suite={"primary": tuple(primary)})
        for name, found in values.items()
        for seed, value in enumerate(found)
        if value is not None
    ]
    return boards.of(records)[0].groups[0].comparisons[0]


def _numbers(made, *numbers):
    return [None if number is None else made.value(number) for number in numbers]


def test_a_trial_tests_nothing(made) -> None:
    """It is for seeing that all runs, not for verdicts."""
    records = [
        made.record(name, made.value(1.0 + seed + place), seed=seed, suite={"limit": 8, "primary": (OLD, NEW)})
        for place, name in enumerate((OLD, NEW))
        for seed in range(3)
    ]
    assert boards.of(records)[0].groups[0].comparisons == ()


@pytest.mark.parametrize("metric", [{"direction": "reference"}, {"compares": False}])
def test_what_is_no_finding_of_its_own_is_not_compared(made, metric) -> None:
    """A number of the real images is no variant's; a difference that repeats another metric's is told once."""
    with pytest.raises(IndexError):
        _comparison(made, {OLD: _numbers(made, 1.0, 2.0), NEW: _numbers(made, 2.0, 2.5)}, **metric)


@pytest.mark.parametrize(
    ("direction", "real", "verdict"),
    [("higher", 0.5, "differs"), ("higher", 1.5, "better"), ("higher", 3.0, "better"),
     ("lower", 9.0, "differs"), ("lower", 1.5, "worse"), ("lower", 0.5, "worse")],
)  # fmt: skip
def test_nobody_is_better_beyond_real_images(made, direction, real, verdict) -> None:
    """Where both score better than real images; one of them may well."""
    values = {OLD: [0.9, 1.0, 1.1, 0.95, 1.05], NEW: [1.91, 2.0, 2.12, 1.93, 2.06], "real-holdout": [real] * 5}
    (pair,) = _comparison(
        made, {name: _numbers(made, *found) for name, found in values.items()}, direction=direction
    ).pairs
    assert pair.verdict == verdict
    assert ("both score better than real images" in pair.method) == (verdict == "differs")


def test_several_seeds_give_the_paired_t_test(made) -> None:
    """The later named less the earlier, seed by seed; against SciPy."""
    old, new = [10.0, 11.0, 13.0, 12.0, 10.5], [9.0, 9.5, 11.0, 11.0, 9.4]
    pair = _comparison(made, {OLD: _numbers(made, *old), NEW: _numbers(made, *new)}).pairs[0]
    known = stats.ttest_rel(new, old)
    interval = known.confidence_interval(0.95)
    assert (pair.first, pair.second) == (NEW, OLD)
    assert pair.value == pytest.approx(np.mean(np.subtract(new, old)))
    assert (pair.interval.low, pair.interval.high) == pytest.approx((interval.low, interval.high))
    assert pair.p == pytest.approx(known.pvalue)
    assert pair.zero_inside is False
    assert "n = 5" in pair.method
    assert "conditional" not in pair.method


def test_only_shared_seeds_are_paired(made) -> None:
    """Seed 1 failed on one side, so it is in neither."""
    pair = _comparison(
        made, {OLD: _numbers(made, 10.0, None, 12.0, 11.0), NEW: _numbers(made, 9.0, 1.0, 11.5, 9.0)}
    ).pairs[0]  # fmt: skip
    assert pair.seeds == (0, 2, 3)
    assert pair.value == pytest.approx(-3.5 / 3)
    assert "conditional on these seeds" in pair.method


@pytest.mark.parametrize(("direction", "verdict"), [("lower", "better"), ("higher", "worse"), ("target", "differs")])
def test_direction_decides_what_less_means(made, direction, verdict) -> None:
    """The same clear difference is better, worse or only a difference."""
    values = {OLD: _numbers(made, 10.0, 11.0, 12.0), NEW: _numbers(made, 1.0, 2.1, 2.9)}
    assert _comparison(made, values, direction=direction).pairs[0].verdict == verdict


def test_unclear_difference_is_undecided(made) -> None:
    """Zero lies inside."""
    pair = _comparison(made, {OLD: _numbers(made, 1.0, 3.0, 2.0), NEW: _numbers(made, 2.0, 1.0, 2.5)}).pairs[0]
    assert (pair.verdict, pair.zero_inside) == ("undecided", True)


def test_recall_is_never_called_better(made) -> None:
    """A column that does not order tells a difference, not a winner, and has no ranks."""
    values = {
        OLD: [made.value(number, "recall") for number in (0.1, 0.2, 0.3)],
        NEW: [made.value(number, "recall") for number in (0.8, 0.91, 1.0)],
    }
    comparison = _comparison(made, values, name="recall", direction="higher")
    assert comparison.pairs[0].verdict == "differs"
    assert comparison.ranks == ()


def test_one_seed_uses_the_stored_replicates(made) -> None:
    """By hand: groups move both values alike, so that the paired error is that of the difference alone."""
    common = np.array([0.5, -0.3, 0.1, -0.2, -0.1])
    own = np.array([0.02, -0.01, 0.0, 0.01, -0.02])
    values = {
        OLD: [made.value(10.0, replicates=made.replicates(10.0, common))],
        NEW: [made.value(9.0, replicates=made.replicates(9.0, common + own))],
    }
    pair = _comparison(made, values).pairs[0]
    error = np.sqrt(4 / 5 * np.sum((own - own.mean()) ** 2))
    half = stats.t.ppf(0.975, 4) * error
    assert pair.value == -1.0
    assert (pair.interval.low, pair.interval.high) == pytest.approx((-1.0 - half, -1.0 + half))
    assert pair.verdict == "better"
    assert "says nothing of another training" in pair.method


def test_replicates_of_other_groups_are_not_paired(made) -> None:
    """Other rows left out: no difference, and the reason."""
    values = {
        OLD: [made.value(10.0, replicates=made.replicates(10.0, [0.1, -0.1], "these"))],
        NEW: [made.value(9.0, replicates=made.replicates(9.0, [0.1, 0.2], "others"))],
    }
    pair = _comparison(made, values).pairs[0]
    assert pair.verdict == "not tested"
    assert "different groups" in pair.reason


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({OLD: [1.0], NEW: [2.0]}, "no values of this metric on parts of the images are kept"),
        ({OLD: [1.0, None], NEW: [None, 2.0]}, "share no seed"),
        ({OLD: [1.0]}, "has no number that compares (not run)"),
        ({OLD: [1.0, 2.0], NEW: [2.0, 3.0]}, "they are no replicates"),
    ],
)
def test_why_a_pair_is_not_tested(made, values, reason) -> None:
    """Every untested pair says why."""
    pair = _comparison(made, {name: _numbers(made, *found) for name, found in values.items()}).pairs[0]
    assert pair.verdict == "not tested"
    assert reason in pair.reason
    assert (pair.p, pair.interval) == (None, None)


def test_holm_over_all_pairs_and_ranks(made) -> None:
    """Three pairs, p-values adjusted as by hand; ranks follow the decided pairs."""
    values = {
        OLD: _numbers(made, 10.0, 11.0, 12.0, 11.5), NEW: _numbers(made, 5.0, 6.2, 6.9, 6.4),
        NEWEST: _numbers(made, 5.1, 5.9, 7.2, 6.2),
    }  # fmt: skip
    comparison = _comparison(made, values, primary=(OLD, NEW, NEWEST))
    raw = sorted((pair.p, number) for number, pair in enumerate(comparison.pairs))
    adjusted, highest = {}, 0.0
    for factor, (p, number) in zip((3, 2, 1), raw, strict=True):
        highest = max(highest, min(1.0, factor * p))
        adjusted[number] = highest
    assert [pair.adjusted_p for pair in comparison.pairs] == pytest.approx([adjusted[0], adjusted[1], adjusted[2]])
    assert [pair.verdict for pair in comparison.pairs] == ["better", "better", "undecided"]
    assert [tuple(rank) for rank in comparison.ranks] == [(OLD, 3, 3), (NEW, 1, 2), (NEWEST, 1, 2)]


def test_an_untested_pair_stays_in_the_family(made) -> None:
    """A failed variant must not make the others' differences more significant."""
    values = {OLD: _numbers(made, 10.0, 11.0, 12.0), NEW: _numbers(made, 5.0, 6.2, 6.9)}
    alone = _comparison(made, values).pairs[0]
    beside = _comparison(made, values, primary=(OLD, NEW, NEWEST)).pairs[0]
    assert beside.adjusted_p == pytest.approx(3 * alone.adjusted_p)


def test_unlike_definitions_of_a_variant_are_not_compared(made) -> None:
    """Which of the two would be meant?"""
    other = made.variant(NEW, resolved={"steps": 1})
    records = [made.record(OLD, made.value(1.0)), made.record(NEW, made.value(2.0))]
    records.append(made.record(NEW, made.value(3.0), seed=1, variant=other))
    pair = boards.of(records)[0].groups[0].comparisons[0].pairs[0]
    assert "unlike parameters" in pair.reason
