"""Boards as CSV."""

from __future__ import annotations

import csv
import io

import pytest

from leaderboard.rendering import csv_file
from leaderboard.table import boards


def _lines(board):
    return list(csv.DictReader(io.StringIO(csv_file.of(board))))


def test_every_number_comes_back_with_every_bit(made) -> None:
    """Read again, the file holds the board's values and intervals, seeds and N."""
    (board,) = boards.of(made.study((0, 1, 100)))
    lines = iter(_lines(board))
    for group in board.groups:
        for row in group.rows:
            for column, cell in zip(group.columns, row.cells, strict=True):
                line = next(lines)
                assert (line["variant"], line["task"], line["metric"]) == (row.name, column.task, column.name)
                assert line["group"] == ("reported" if group.reported else "development")
                assert float(line["value"]) == cell.value
                assert (float(line["low"]), float(line["high"])) == (cell.interval.low, cell.interval.high)
                assert tuple(map(int, line["seeds"].split())) == cell.seeds
                assert line["n"]
                assert line["protocol"] == (
                    "32 px, lanczos with antialiasing, the dataset's own codec; compared with held-out real images; exact "
                    "root; ranked at equal N and k alone"
                )
    assert next(lines, None) is None


def test_slides_stand_beside_n(made) -> None:
    """In words, as on the page."""
    (line,) = [
        line
        for line in _lines(boards.of([made.record("noise", made.value(1.0, slides={"reference": 40}))])[0])
        if line["variant"] == "noise"
    ]
    assert line["n"] == "reference 750 (40 slides), synthetic 1500"


def test_cells_without_numbers_are_lines_too(made) -> None:
    """State and reason, and no value."""
    lines = _lines(boards.of([made.record("label-prompts", status="failed", error="out of luck")])[0])
    failed = next(line for line in lines if line["variant"] == "label-prompts")
    assert (failed["state"], failed["value"], failed["reason"]) == ("failed", "", "out of luck")
    assert {line["state"] for line in lines} == {"failed", "not run"}


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-2+3", "@SUM(A1)"])
def test_no_text_is_a_formula(made, name) -> None:
    """A spreadsheet shows it instead of computing it."""
    assert f"'{name}" in {line["variant"] for line in _lines(boards.of([made.record(name, made.value(1.0))])[0])}


def test_negative_numbers_stay_numbers(made) -> None:
    """Only text is quoted."""
    lines = _lines(boards.of([made.record("noise", made.value(-1.5), metrics=[made.metric(bounds=(None, None))])])[0])
    assert "-1.5" in {line["value"] for line in lines}
