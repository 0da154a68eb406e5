"""Comparisons as text."""

from __future__ import annotations

import dataclasses

import pytest

from leaderboard.rendering import pair_views
from leaderboard.table import boards
from leaderboard.table.model import Column, Comparison, Pair, RankInterval


def test_a_tested_pair_by_its_words(made) -> None:
    """First less second; the interval's side of zero; the adjusted p-value, not the raw one."""
    pair = _pair(made, -3.25, (-4.125, -2.375))
    (view,) = pair_views.of(_comparison(made, pair))
    assert view == pair_views.PairView(
        metric="fd.net", what="new - old", difference="-3.2 [-4.1, -2.4]", zero="outside", adjusted_p="0.024",
        verdict="better", said="better", method="paired t", seeds="seeds 0 to 2", reason="",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "said"), [("better", "better, of this one training"), ("undecided", "undecided, of this one training")]
)
def test_a_verdict_of_one_seed_says_so_itself(made, verdict, said) -> None:
    """Not in the small print alone: another training may turn it round."""
    pair = dataclasses.replace(_pair(made, -3.25, (-4.125, -2.375)), seeds=(3,), verdict=verdict)
    (view,) = pair_views.of(_comparison(made, pair))
    assert (view.verdict, view.said) == (verdict, said)


@pytest.mark.parametrize(
    ("value", "ends", "zero"),
    [
        (0.1, (-0.5, 0.7), "inside"),
        (0.5, (0.0, 1.0), "inside"),
        (-0.5, (-1.0, 0.0), "inside"),
        (0.5, (0.01, 0.99), "outside"),
    ],
)
def test_zero_at_an_end_is_inside(made, value, ends, zero) -> None:
    """The interval is closed."""
    assert pair_views.of(_comparison(made, _pair(made, value, ends)))[0].zero == zero


def test_rounding_does_not_move_an_end_across_zero(made) -> None:
    """0.0041 is not printed as 0.00."""
    (view,) = pair_views.of(_comparison(made, _pair(made, 0.358, (0.0041, 0.7128))))
    assert view.difference == "0.358 [0.004, 0.713]"


def test_an_untested_pair_says_why_and_nothing_else(made) -> None:
    """No number is made up for it."""
    pair = Pair("new", "old", None, None, (), "", None, None, "not tested", "they share no seed")
    (view,) = pair_views.of(_comparison(made, pair))
    assert view.difference == "not tested"
    assert (view.zero, view.adjusted_p, view.method, view.seeds) == ("", "", "", "")
    assert (view.verdict, view.reason) == ("not tested", "they share no seed")


def test_a_column_that_stands_twice_is_told_apart(made) -> None:
    """By the number in its name; lines keep the order of the pairs."""
    pairs = (_pair(made, 1.0, (0.5, 1.5), first="b"), _pair(made, -1.0, (-1.5, -0.5), first="c"))
    comparison = _comparison(made, *pairs)
    column = dataclasses.replace(comparison.column, occurrence=1)
    views = pair_views.of(dataclasses.replace(comparison, column=column))
    assert [(view.metric, view.what) for view in views] == [("fd.net (2)", "b - old"), ("fd.net (2)", "c - old")]


def test_ranks_in_words(made) -> None:
    """One number where it is sure, from best to worst where it is not, always of how many."""
    ranks = (RankInterval("old", 3, 3), RankInterval("new", 1, 2), RankInterval("newest", 1, 2))
    comparison = dataclasses.replace(_comparison(made), ranks=ranks)
    assert pair_views.ranks(comparison) == ("old: rank 3 of 3", "new: rank 1 to 2 of 3", "newest: rank 1 to 2 of 3")
    assert pair_views.ranks(_comparison(made)) == ()


def test_the_study_has_a_line_a_pair(made) -> None:
    """Three variants are compared under each metric: three lines, and the family is named."""
    (group,) = boards.of(made.study((0, 1, 2)))[0].groups
    for comparison in group.comparisons:
        views = pair_views.of(comparison)
        assert [view.what for view in views] == [
            "label-prompts - off-the-shelf", "morphology-k12 - off-the-shelf", "morphology-k12 - label-prompts",
        ]  # fmt: skip
        assert all(view.adjusted_p and view.zero for view in views)
    assert "Holm" in pair_views.FAMILY


def _pair(made, value: float, ends: tuple[float, float], first: str = "new") -> Pair:
    return Pair(first, "old", value, made.interval(*ends), (0, 1, 2), "paired t", 0.008, 0.024, "better", None)


def _comparison(made, *pairs: Pair) -> Comparison:
    return Comparison(Column("fidelity", "fd.net", 0, made.metric(), "net"), pairs, ())
