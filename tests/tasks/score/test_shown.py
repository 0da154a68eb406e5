"""Numbers as JSON, and as a table with notes beside it."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from benchmark.statistics.interval import Interval
from tasks.score import shown
from tasks.score.definitions import metrics_of
from tasks.score.scored import Scored


@pytest.fixture
def one():
    interval = Interval(0.5, math.inf, 0.95, "ranks", None)
    return Scored(metrics_of("realism")[0], 1.25, interval, {"real": 4, "synthetic": 3}, {"real": 2}, "so far")


def test_json_has_all_that_qualifies_a_number(one, capsys):
    """No infinity, which JSON has not."""
    shown.show([one], as_json=True)
    (row,) = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert (row["metric"], row["value"], row["group"]) == ("realism-k3-median", 1.25, None)
    assert row["interval"] == {"low": 0.5, "high": None, "level": 0.95, "method": "ranks"}
    assert row["n"] == {"real": 4, "synthetic": 3}
    assert (row["slides"], row["note"]) == ({"real": 2}, "so far")
    assert all(row[key] for key in ("definition", "source", "estimand", "blind_to", "direction", "comparable_at"))


@pytest.mark.parametrize(("value", "said"), [(math.inf, "inf"), (-math.inf, "-inf"), (math.nan, "nan")])
def test_what_is_not_finite_is_no_number(one, value, said, capsys):
    """As JSON and as a table: none, with the reason before what else is said."""
    broken = replace(one, value=value)
    shown.show([broken], as_json=True)
    (row,) = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert (row["value"], row["interval"]) == (None, None)
    assert row["note"] == f"it came out as {said}, which is no number; so far"
    shown.show([broken], as_json=False)
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1].endswith("none     none             real 4 of 2 slides, synthetic 3")
    assert printed.err.strip() == f"realism-k3-median: it came out as {said}, which is no number; so far"


def test_groups_are_a_column_where_there_are_any(one, capsys):
    """A number that is none says so; a note of all rows is not said again of each group."""
    group = Scored(one.metric, None, None, {"real": 1, "synthetic": 0}, {}, "no synthetic row", "class a")
    shown.show([one, Scored(**{**vars(one), "group": "class b"}), group], as_json=False)
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0].split()[0] == "group"
    assert lines[2].startswith("all ")
    assert lines[4].startswith("class a")
    assert "none" in lines[4]
    assert printed.err.splitlines() == ["realism-k3-median: so far", "realism-k3-median of class a: no synthetic row"]
    shown.show([one], as_json=False)
    assert "group" not in capsys.readouterr().out
