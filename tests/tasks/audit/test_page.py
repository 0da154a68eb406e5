"""A report as text, Markdown and JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from benchmark.protocol.operations import Resize, Store
from benchmark.statistics.interval import Interval
from tasks.audit import page
from tasks.audit.choices import Choice
from tasks.audit.measuring import METRICS, Number
from tasks.audit.report import Line, Report, Table
from tasks.coverage import CAUTION
from tasks.released_fidelity import STOPPED

S = Resize(resize=32)
FEW = "N = 15 is below N_min = 50: a reason"


def numbers(value: float, change: float | None = None, *, metrics=METRICS) -> tuple[Number, ...]:
    """All metrics at one value, those with a change of an interval that leaves zero out where it is above one."""
    ends = None if change is None else Interval(change - 1, change + 1, 0.95, "a paired method", 9.0)
    return tuple(
        Number(one, value, Interval(value - 0.5, value + 0.5, 0.95, "a method", 9.0), None, change, ends)
        for one in metrics
    )


@pytest.fixture
def report() -> Report:
    """Two tables of made-up numbers; at half, all but FD are of too few images, and coverage has no interval."""
    half = [replace(one, few=FEW) for one in numbers(2.0, 1.5)]
    half[0], half[5] = replace(half[0], few=None), replace(half[5], interval=None, missing="no interval: a reason")
    half[2] = replace(half[2], notes=("slides unknown", CAUTION))
    stopped = numbers(4.0, 0.5, metrics=(STOPPED, *METRICS[1:]))
    alone = Table(
        "real against real",
        (
            Line(Choice("floor", (S,), (S,), None), (30, 31), numbers(1.0), None),
            Line(Choice("coded", (S,), (Store(codec="png"), S), "floor"), (30, 31), numbers(3.0, 2.0), None),
            Line(Choice("stopped", (S,), (S,), "floor", "newton-schulz"), (30, 31), stopped, None),
            Line(Choice("half", (S,), (S,), "floor", halved=True), (15, 31), tuple(half), None),
            Line(Choice("odd", (), (), "floor"), (30, 31), (), "299 px do not suit"),
        ),
        ("clean (as floor)",),
    )
    against = Table(
        "real against synthetic", (Line(Choice("clean", (S,), (S,), None), (61, 40), numbers(5.0), None),), ()
    )
    return Report("net", 3, 16, 32, 7, (alone, against))


@pytest.mark.parametrize("form", [page.text, page.markdown])
def test_every_number_stands_with_interval_n_and_difference(report: Report, form) -> None:
    """Real against real first; stars only where the paired interval leaves out zero."""
    found = form(report)
    assert "Features of net, version 3; common size 32 px" in found
    assert found.index("Real against real, N = 30 + 31") < found.index("Real against synthetic, N = 61 + 40")
    assert "1 [0.5, 1.5]" in found
    assert "3 [2.5, 3.5] (+2*)" in found
    assert "4 † [3.5, 4.5] (+0.5)" in found
    assert "4 [3.5, 4.5] (+0.5)" in found  # The other metrics do not hang on the root.
    assert "half (N = 15 + 31)" in found
    assert "not measured: 299 px do not suit" in found
    assert "Nothing to measure at these sizes: clean (as floor)." in found
    assert page.EXPLAINED in found
    for text in page.ABOUT.values():
        assert text in found


def test_what_the_numbers_cannot_bear_is_said(report: Report) -> None:
    """A mark in the cell, and below the table each note once, with where it holds."""
    found = page.text(report)
    assert (
        "‡ KD, precision k3, recall k3, density k5, coverage k5 at half: N = 15 is below N_min = 50: a reason." in found
    )
    assert f"§ precision k3 at half: {CAUTION}." in found
    assert "¶ coverage k5 at half: no interval: a reason." in found
    assert found.count("root stopped early, as in piq 0.7.1") == 1
    (*_, row) = (line for line in found.splitlines() if line.startswith("half"))
    assert [cell.strip() for cell in row.split("  ") if cell][1:] == [
        "2 ‡§ [1.5, 2.5] (+1.5)", "2 ‡ [1.5, 2.5] (+1.5)", "2 ‡ [1.5, 2.5] (+1.5)", "2 ‡¶ no interval (+1.5)",
    ]  # fmt: skip
    (first, *_) = (line for line in found.splitlines() if line.startswith("half"))
    assert "2 [1.5, 2.5] (+1.5*)" in first
    assert "2 ‡ [1.5, 2.5] (+1.5)" in first
    assert found.count("‡ KD") == found.count("§ p") == found.count("¶ c") == 1


def test_what_holds_of_all_lines_is_said_so(report: Report) -> None:
    """A line that was not measured aside."""
    alone, against = report.tables
    few = [replace(line, numbers=tuple(replace(one, few=FEW) for one in line.numbers)) for line in alone.lines]
    found = page.text(replace(report, tables=(replace(alone, lines=tuple(few)), against)))
    assert f"‡ FD, KD, precision k3, recall k3, density k5, coverage k5 at every line: {FEW}." in found
    assert "*" not in found.split("Each cell")[0]
    few[0], few[1] = alone.lines[0], replace(few[1], numbers=(alone.lines[1].numbers[0], *few[1].numbers[1:]))
    found = page.text(replace(report, tables=(replace(alone, lines=tuple(few)), against)))
    assert f"‡ KD, precision k3, recall k3, density k5, coverage k5 at every line but floor: {FEW}." in found
    assert f"‡ FD at stopped; half: {FEW}." in found


def test_markdown_is_tables_under_headings(report: Report) -> None:
    """One page for all extractors, with what was audited."""
    found = page.whole([report, report], [("Real", "a, 61 images"), ("Seed", "7")])
    assert found.startswith("# Audit of protocols\n\n- Real: a, 61 images\n- Seed: 7\n\n## Features of net")
    assert found.count("\n## ") == 2
    assert found.count("\n### Real against real") == 2
    assert "| floor " in found


def test_plain_values_hold_all_of_it(report: Report) -> None:
    """Paths in words, root, N, values, intervals of both kinds, with their methods."""
    found = json.loads(json.dumps(page.plain(report), allow_nan=False))
    assert (found["extractor"], found["size"], found["seed"]) == ({"name": "net", "version": 3, "width": 16}, 32, 7)
    alone = found["tables"][0]
    assert (alone["kind"], alone["idle"]) == ("real against real", ["clean (as floor)"])
    coded = alone["lines"][1]
    assert coded["synthetic"] == "stored as PNG, then 32 px, lanczos with antialiasing"
    assert (coded["choice"], coded["against"], coded["root"]) == ("coded", "floor", "exact")
    assert coded["n"] == {"real": 30, "synthetic": 31}
    assert coded["metrics"]["fd"] == {
        "value": 3.0,
        "interval": {"low": 2.5, "high": 3.5, "level": 0.95, "method": "a method"},
        "change": 2.0,
        "change_interval": {"low": 1.0, "high": 3.0, "level": 0.95, "method": "a paired method"},
        "starred": True,
        "note": None,
    }
    half = alone["lines"][3]["metrics"]
    assert (half["kd"]["starred"], half["kd"]["note"]) == (False, FEW)
    assert half["precision-k3"]["note"] == f"{FEW}; slides unknown; {CAUTION}"
    assert half["coverage-k5"]["note"] == f"{FEW}; no interval: a reason"
    assert found["caveat"] == "Stars are not adjusted for how many choices there are."
    assert set(alone["lines"][2]["metrics"]) == {STOPPED.name, *(one.name for one in METRICS[1:])}
    assert (alone["lines"][4]["reason"], alone["lines"][4]["metrics"]) == ("299 px do not suit", {})
    assert alone["lines"][0]["metrics"]["kd"]["change"] is None
