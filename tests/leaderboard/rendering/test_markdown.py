"""Boards as Markdown."""

from __future__ import annotations

import pytest

from benchmark.protocol.definition import Protocol
from leaderboard.rendering import markdown
from leaderboard.table import boards


def test_page_has_what_qualifies_its_numbers(made) -> None:
    """Protocol, N, intervals, methods, explanations, the statement on use."""
    found = markdown.of(boards.of(made.study((0, 1)))[0])
    for part in (
        "Research use only", "32 px, lanczos", "N: reference 750, synthetic 1500", "over seeds, n = 2",
        "conditional on these seeds", "| real-holdout", "control", "Blind to", "Estimand", "p after Holm",
    ):  # fmt: skip
        assert part in found


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a|b", "[x](javascript:1)", "*b*", "`c`", "a\n# b"])
def test_nothing_of_a_record_acts_as_markup(made, text) -> None:
    """Tags, pipes, links, emphasis, code and headings are shown as they stand."""
    escaped = markdown.escape(text)
    assert "<" not in escaped
    assert "\n" not in escaped
    for mark in "|[]*`#":
        assert escaped.count(mark) == escaped.count(f"\\{mark}")


def test_every_row_of_a_table_has_as_many_cells_as_its_head(made) -> None:
    """A pipe in a name would shift the numbers by a column."""
    record = made.record("evil|name", made.value(1.0, note="a|b"))
    lines = markdown.of(boards.of([record])[0]).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| variant"))
    rows = [line.replace("\\|", "") for line in lines[start : start + 4]]
    assert {line.count("|") for line in rows} == {4}


def test_a_board_tells_its_protocol_and_rules(made) -> None:
    """What is done to pixels with the digest, and what images are compared with and how."""
    protocol = Protocol(size=32, reference="training", root="newton-schulz")
    (board,) = boards.of([made.record("label-prompts", made.value(1.0), protocol=protocol)])
    told = dict(markdown.facts(board))
    assert told["Protocol"] == f"32 px, lanczos with antialiasing, the dataset's own codec (digest {protocol.digest})"
    assert told["Rules"] == protocol.rules()
    assert "Newton-Schulz" in told["Rules"]
