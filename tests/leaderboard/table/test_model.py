"""What a board holds: what its parts say of themselves."""

from __future__ import annotations

import dataclasses

import pytest

from leaderboard.table import boards
from leaderboard.table.model import Column, Comparison, Group, Outcome, Pair, Row


@pytest.mark.parametrize(
    ("state", "number", "expected"),
    [("measured", 1.5, 1.5), ("measured", 0.0, 0.0), ("refused", None, None), ("failed", 1.5, None)],
)
def test_only_a_measured_value_is_a_number(made, state, number, expected) -> None:
    """Zero is one; what a failed cell left is none."""
    assert Outcome(0, state, made.value(number), None, None).number == expected


def test_no_value_is_no_number() -> None:
    """Whatever became of the cell."""
    assert Outcome(0, "not run", None, None, None).number is None


def test_a_column_is_found_by_its_place_and_read_by_its_name(made) -> None:
    """The first of a key has the key's name, the second is numbered 2."""
    first = Column("fidelity", "fd.net", 0, made.metric(), "net")
    second = dataclasses.replace(first, occurrence=1)
    assert (first.name, second.name) == ("fd.net", "fd.net (2)")
    assert (first.place, second.place) == (("fidelity", "fd.net", 0), ("fidelity", "fd.net", 1))


def test_a_definition_stands_in_the_label_alone(made) -> None:
    """Where one name stands for several."""
    row = _row(made)
    assert (row.name, row.label) == ("noise", "noise")
    assert dataclasses.replace(row, definition="ab12").label == "noise (definition ab12)"


def test_one_limited_run_makes_a_trial_and_one_dirty_run_is_enough(made) -> None:
    """Of all the records of a row; where there are none it is neither."""
    clean = made.record("noise", seed=0)
    limited = made.record("noise", seed=1, suite={"limit": 4})
    dirty = made.record("noise", seed=2, provenance={"dirty": True})
    unknown = made.record("noise", seed=3, provenance={"dirty": None})
    assert [_row(made, *records).trial for records in ((), (clean,), (clean, limited), (clean, dirty))] == [
        False, False, True, False,
    ]  # fmt: skip
    assert [_row(made, *records).dirty for records in ((), (clean,), (clean, limited), (clean, dirty), (unknown,))] == [
        False, False, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ends", "inside"),
    [
        ((-1.0, 2.0), True),
        ((0.0, 2.0), True),
        ((-2.0, 0.0), True),
        ((0.1, 2.0), False),
        ((-2.0, -0.1), False),
        (None, None),
    ],
)
def test_zero_is_inside_a_closed_interval(made, ends, inside) -> None:
    """Without an interval nothing is known."""
    assert _pair(made, ends).zero_inside is inside


def test_tested_pairs_are_those_with_a_p_value(made) -> None:
    """A p-value of zero is one."""
    pairs = (_pair(made, (0.1, 1.0), p=0.0), _pair(made, None), _pair(made, (0.1, 1.0), p=0.4))
    column = Column("fidelity", "fd.net", 0, made.metric(), "net")
    assert Comparison(column, pairs, ()).tested == 2
    assert Comparison(column, (), ()).tested == 0


def test_tasks_of_a_group_come_once_in_the_order_of_its_columns(made) -> None:
    """Two columns of one task are one task."""
    columns = tuple(Column(task, task, 0, made.metric(), None) for task in ("tstr", "fidelity", "tstr", "coverage"))
    assert _group(columns=columns).tasks == ("tstr", "fidelity", "coverage")


def test_a_row_is_found_by_a_name_that_is_its_own(made) -> None:
    """None is found where none has the name, or several."""
    one, twice = _row(made, name="one"), [_row(made, name="twice") for _ in range(2)]
    group = _group(rows=(twice[0], one, twice[1]))
    assert group.row("one") is one
    assert group.row("twice") is None
    assert group.row("none") is None


def test_a_board_is_dirty_where_any_of_its_records_is(made) -> None:
    """Of whatever row."""
    clean, dirty = made.record("noise", made.value(1.0)), made.record("other", provenance={"dirty": True})
    assert not boards.of([clean])[0].dirty
    assert boards.of([clean, dirty])[0].dirty


def _row(made, *records, name="noise") -> Row:
    return Row(name, None, name, "control", made.variant(name), (), records)


def _pair(made, ends, p=None) -> Pair:
    interval = None if ends is None else made.interval(*ends)
    return Pair("new", "old", None, interval, (0,), "", p, p, "undecided", None)


def _group(columns=(), rows=()) -> Group:
    return Group(True, (0,), columns, rows, ())
