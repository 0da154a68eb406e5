"""Boards as JSON."""

from __future__ import annotations

import json

from leaderboard.rendering import json_file
from leaderboard.table import boards


def _read(board):
    return json.loads(json.dumps(json_file.of(board), allow_nan=False))


def test_every_number_comes_back_with_every_bit(made) -> None:
    """Read again, the file holds the board's cells, seeds and differences."""
    (board,) = boards.of(made.study((0, 1)))
    (group,) = _read(board)["groups"]
    for row, read in zip(board.groups[0].rows, group["rows"], strict=True):
        assert read["name"] == row.name
        for cell, found in zip(row.cells, read["cells"], strict=True):
            assert found["value"] == cell.value
            assert (found["interval"]["low"], found["interval"]["high"]) == (cell.interval.low, cell.interval.high)
            assert [one["value"] for one in found["by_seed"]] == [one.number for one in cell.outcomes]
    pairs = board.groups[0].comparisons[0].pairs
    assert [pair["adjusted_p"] for pair in group["comparisons"][0]["pairs"]] == [pair.adjusted_p for pair in pairs]


def test_slides_stand_beside_n(made) -> None:
    """Of the cell, and of every seed of it; none where they are unknown."""
    for slides in ({"reference": 40}, {}):
        value = _read(boards.of([made.record("noise", made.value(1.0, slides=slides))])[0])
        (cell,) = next(row for row in value["groups"][0]["rows"] if row["name"] == "noise")["cells"]
        assert cell["slides"] == cell["by_seed"][0]["slides"] == slides


def test_development_seeds_and_trials_are_marked(made) -> None:
    """In the file as on the page."""
    value = _read(boards.of([made.record("noise", made.value(1.0), seed=100, suite={"limit": 8})])[0])
    assert value["trial_limit"] == 8
    assert value["groups"][0]["kind"] == "development seeds, not for reporting"
    assert value["groups"][0]["rows"][-1]["trial"]
    assert "Research use only" in value["research_use"]


def test_the_protocol_is_told_with_digest_and_rules(made) -> None:
    """Beside its own keys."""
    (board,) = boards.of([made.record("label-prompts", made.value(1.0))])
    told = json_file.of(board)["protocol"]
    protocol = board.protocol
    assert told == {
        "size": 32,
        "filter": "lanczos",
        "codec": "dataset",
        "digest": protocol.digest,
        "rules": protocol.rules(),
    }
