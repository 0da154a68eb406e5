"""The table that ends a run."""

from __future__ import annotations

from leaderboard.rendering import text
from leaderboard.table import boards


def test_rows_columns_cells(made) -> None:
    """One row a variant, one column a metric, each cell `value [low, high]`; controls below."""
    found = text.of_boards(boards.of(made.study((0,))))
    line = next(line for line in found.splitlines() if line.startswith("label-prompts"))
    assert line.split()[1].replace(".", "").isdigit()
    assert "[" in line
    lines = found.splitlines()
    assert lines.index("-- controls --") > next(i for i, one in enumerate(lines) if one.startswith("morphology-k12"))
    assert "N: reference 750, synthetic 1500" in found
    assert "32 px, lanczos" in found
    assert "Research use only" in found


def test_trial_and_development_seeds_are_marked(made) -> None:
    """Nobody takes them for results."""
    records = [made.record("noise", made.value(1.0), seed=seed, suite={"limit": 8}) for seed in (0, 100)]
    found = text.of_boards(boards.of(records))
    assert "TRIAL: cut down to at most 8 images" in found
    assert "noise [TRIAL]" in found
    assert "DEVELOPMENT SEEDS, NOT FOR REPORTING: seed 100" in found


def test_control_characters_do_not_reach_the_terminal(made) -> None:
    """Neither from names nor from errors."""
    failed = made.record("evil\x1b[2J", status="failed", error="bad\x1b]0;title\x07\nnext")
    found = text.of_boards(boards.of([failed]))
    assert "\x1b" not in found
    assert "\x07" not in found
    assert "evil[2J" in found
