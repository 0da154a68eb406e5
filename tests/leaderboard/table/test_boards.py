"""Which records share a board."""

from __future__ import annotations

import random

import pytest

from leaderboard.table import boards


@pytest.mark.parametrize(
    "changes",
    [
        {"suite": {"identifier": "study@1-ffffffffffff"}},
        {"identity": {"digest": "e" * 64}},
        {"device": "cuda"},
    ],
)
def test_records_share_a_board_only_if_all_conditions_agree(made, changes) -> None:
    """Suite conditions, dataset and device each keep boards apart."""
    found = boards.of([made.record("label-prompts", made.value(1.0)), made.record("noise", made.value(2.0), **changes)])
    assert len(found) == 2
    assert len({board.slug for board in found}) == 2


def test_order_of_records_does_not_matter(made) -> None:
    """The same records give the same boards."""
    records = made.study((0, 1, 100))
    shuffled = random.Random(1).sample(records, len(records))
    assert boards.of(records) == boards.of(shuffled)


def test_limited_run_is_a_trial(made) -> None:
    """The board and its rows are marked; full boards come first."""
    records = [made.record("label-prompts", made.value(1.0), suite={"limit": limit}) for limit in (8, None)]
    full, trial = boards.of(records)
    assert (full.limit, trial.limit) == (None, 8)
    assert trial.groups[0].row("label-prompts").trial
    assert not full.groups[0].row("label-prompts").trial


def test_unofficial_data_show_their_name_in_the_title(made) -> None:
    """A copy of PCam that is not the released one is named as such."""
    name = "PCam, unofficial copy, digest 0123456789ab"
    (board,) = boards.of([made.record("noise", made.value(1.0), identity={"name": name, "official": False})])
    assert name in board.title
    assert any("not the official release" in note for note in board.notes)


def test_of_two_unlike_records_of_a_cell_the_later_is_shown_and_it_is_said(made) -> None:
    """A copied file must not count twice."""
    early = made.record("noise", made.value(1.0), run={"finished": "2026-01-01"})
    late = made.record("noise", made.value(5.0), run={"finished": "2026-03-01"})
    for records in ([early, late], [late, early]):
        (board,) = boards.of(records)
        assert board.groups[0].row("noise").cells[0].value == 5.0
        assert any("several unlike records of noise" in note for note in board.notes)


def test_an_exact_copy_is_one_record(made) -> None:
    """Equal results are no conflict."""
    (board,) = boards.of([made.record("noise", made.value(1.0))] * 2)
    assert len(board.records) == 1
    assert not any("several" in note for note in board.notes)


def test_records_that_disagree_on_the_comparison_name_none(made) -> None:
    """A comparison chosen after the fact is not taken for one named beforehand."""
    records = [
        made.record("off-the-shelf", made.value(1.0), suite={"primary": ("off-the-shelf", "label-prompts")}),
        made.record("label-prompts", made.value(2.0), suite={"primary": ("off-the-shelf", "morphology-k12")}),
    ]
    (board,) = boards.of(records)
    assert board.primary == ()
    assert board.groups[0].comparisons == ()
    assert any("disagree" in note for note in board.notes)


def test_data_that_could_not_be_made_are_named(made) -> None:
    """Such cells have a board of their own, which says why nothing is measured."""
    failed = made.record("noise", status="failed", error="no files", identity={"digest": "not made", "official": False})
    assert any("could not be made or read" in note for note in boards.of([failed])[0].notes)
