"""The axis of a column and the pictures on it."""

from __future__ import annotations

import re

import pytest

from leaderboard.rendering import axis
from leaderboard.table import boards


def _drawn(made, values, **metric):
    one = made.metric(**metric)
    records = [made.record(name, value, metrics=[one]) for name, value in values.items()]
    (group,) = boards.of(records)[0].groups
    cells = [(row, row.cells[0]) for row in group.rows]
    return axis.of(group.columns[0], cells), {row.name: (row, cell) for row, cell in cells}


def test_axis_spans_generators_and_real_images_and_lets_far_noise_go(made) -> None:
    """Noise a hundred times away would press all others together; it becomes an arrow to the right."""
    values = {"label-prompts": made.value(10.0), "off-the-shelf": made.value(50.0)}
    values |= {"real-holdout": made.value(1.0), "noise": made.value(5000.0)}
    drawn, cells = _drawn(made, values)
    assert (drawn.low, drawn.high) == (0.0, 55.0)
    assert (drawn.floor, drawn.ceiling) == (1.0, 5000.0)
    row, cell = cells["noise"]
    assert 'x="100%"' in axis.bar(drawn, cell, row.kind)
    assert "circle" not in axis.bar(drawn, cell, row.kind)


def test_dot_and_whisker_stand_where_the_numbers_are(made) -> None:
    """By hand: 25 on 0 to 100 is at a quarter; 20 and 30 are its ends; the floor at 10."""
    values = {"label-prompts": made.value(25.0, interval=made.interval(20.0, 30.0), note=None)}
    _, cells = _drawn(made, values)
    row, cell = cells["label-prompts"]
    picture = axis.bar(axis.Axis(0.0, 100.0, 10.0, None), cell, row.kind)
    assert re.search(r'<circle class="dot generator" cx="25.00%"', picture)
    assert re.search(r'class="whisker generator" x1="20.00%" x2="30.00%"', picture)
    assert re.search(r'class="floor" x1="10.00%"', picture)
    assert "ceiling" not in picture


def test_axis_never_leaves_the_metrics_bounds(made) -> None:
    """A share is drawn within 0 and 1."""
    values = {"label-prompts": made.value(0.02), "off-the-shelf": made.value(0.98)}
    drawn, _ = _drawn(made, values, bounds=(0.0, 1.0))
    assert (drawn.low, drawn.high) == (0.0, 1.0)


@pytest.mark.parametrize("number", [0.0, 3.7, -2.0])
def test_a_single_value_has_an_axis(made, number) -> None:
    """No division by a width of nothing."""
    drawn, _ = _drawn(made, {"label-prompts": made.value(number)}, bounds=(None, None))
    assert drawn.low < drawn.high
    assert drawn.holds(number)


def test_nothing_measured_has_none(made) -> None:
    """A column of failures has no axis."""
    assert _drawn(made, {"label-prompts": made.value(None, refused="x")})[0] is None


def test_uncompared_value_is_not_drawn(made) -> None:
    """A number at another N has no place on the axis."""
    values = {"label-prompts": made.value(1.0), "off-the-shelf": made.value(9.0), "noise": made.value(8.0)}
    values["morphology-k12"] = made.value(500.0, n={"synthetic": 3})
    drawn, cells = _drawn(made, values)
    assert drawn.high < 100
    row, cell = cells["morphology-k12"]
    assert "circle" not in axis.bar(drawn, cell, row.kind)
    assert "arrow" not in axis.bar(drawn, cell, row.kind)
