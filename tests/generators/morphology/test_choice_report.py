"""Lists of K, and how they are told."""

from __future__ import annotations

import dataclasses
import json

import pytest

from benchmark.errors import UserError
from generators.morphology import choice_report
from generators.morphology.choice_report import Report
from generators.morphology.choosing import Line, Stability


@pytest.mark.parametrize(
    ("text", "found"), [("3", [3]), ("2-4", [2, 3, 4]), ("33, 5-6,5", [5, 6, 33]), ("1000", [1000])]
)
def test_lists_name_numbers(text, found):
    """Rising, each once."""
    assert choice_report.numbers(text) == found


@pytest.mark.parametrize("text", ["", "a", "3-", "-3", "1", "0-4", "6-3", "2.5", "2,,3", "²", "2-5000", "2-999999"])
def test_what_is_no_list_is_refused(text):
    """Each with the part that is wrong."""
    with pytest.raises(UserError, match="^--k "):
        choice_report.numbers(text)


def test_best_values_are_starred_and_missing_ones_said():
    """In the table; JSON has the numbers."""
    stable = Stability(0.5, 0.25, 0.75, (1, 2, 3), 3)
    one = Line(2, 0.9, 0.1, 1.0, None, 50, 1.5, 2.0, 7, stable)
    report = Report([("N", "50 images")], [one, dataclasses.replace(one, k=3, s_dbw=0.8, stability=None)], "t")
    first, second = (line for line in report.text().splitlines() if line.startswith(("2", "3")))
    assert first.split() == ["2", "0.900", "0.100", "1.000*", "none", "1.500*", "0.50", "[0.25,", "0.75]", "7"]
    assert second.split() == ["3", "0.800*", "0.100", "1.000", "none", "1.500", "one", "seed", "7"]
    found = json.loads(json.dumps(report.plain(), allow_nan=False))
    assert found["best"] == {"s_dbw": 3, "sd": 2, "davies_bouldin": 2}
    assert found["lines"][0]["stability"]["pairs"] == 3
