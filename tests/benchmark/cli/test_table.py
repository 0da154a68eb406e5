"""Tables and JSON on standard output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmark.cli import table

Capture = pytest.CaptureFixture[str]


def test_rows_become_a_table_with_one_head(capfd: Capture) -> None:
    """The keys once, then a line a row, in their order."""
    table.show([{"name": "b", "count": 2}, {"name": "a", "count": 10}], as_json=False)
    head, rule, first, second = capfd.readouterr().out.splitlines()
    assert head.split() == ["name", "count"]
    assert set(rule) == {"-", " "}
    assert (first.split(), second.split()) == (["b", "2"], ["a", "10"])


def test_rows_become_json_of_full_precision(capfd: Capture) -> None:
    """Numbers stay numbers, letters stay letters, None is null, paths are texts."""
    rows = [{"name": "Fréchet", "value": 0.1 + 0.2, "low": None, "n": {"real": 3}, "page": Path("a/b")}]
    table.show(rows, as_json=True)
    out = capfd.readouterr().out
    assert json.loads(out) == [
        {"name": "Fréchet", "value": 0.30000000000000004, "low": None, "n": {"real": 3}, "page": "a/b"}
    ]
    assert "Fréchet" in out


def test_no_rows(capfd: Capture) -> None:
    """An empty list for programs, an empty line for people."""
    table.show([], as_json=True)
    assert capfd.readouterr().out == "[]\n"
    table.show([], as_json=False)
    assert capfd.readouterr().out == "\n"


def test_control_characters_reach_no_terminal(capfd: Capture) -> None:
    """Escape sequences, old (7 bit) and new (8 bit), neither as table nor as JSON; the text itself is kept for programs."""
    evil = "a\x1b[31m\x9b31m\x7fb"
    for as_json in (False, True):
        table.show([{"name": evil}], as_json=as_json)
        out = capfd.readouterr().out
        assert all(letter.isprintable() or letter == "\n" for letter in out)
        if as_json:
            assert json.loads(out) == [{"name": evil}]
        else:
            assert out.splitlines()[-1].strip() == "a[31m31mb"


def test_a_text_of_several_lines_stays_in_its_row(capfd: Capture) -> None:
    """A row is a line."""
    table.show([{"what": "one\ntwo", "size": 1}], as_json=False)
    assert capfd.readouterr().out.splitlines()[-1].split() == ["one", "two", "1"]


def test_json_of_anything(capfd: Capture) -> None:
    """Not of rows alone."""
    table.print_json({"a": [1, 2]})
    assert json.loads(capfd.readouterr().out) == {"a": [1, 2]}


def test_notes_leave_standard_output_alone(capfd: Capture) -> None:
    """What a program reads holds only what was asked for."""
    table.note("for people")
    assert capfd.readouterr() == ("", "for people\n")
