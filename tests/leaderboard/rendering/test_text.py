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


def test_untested_pairs_are_one_line_a_reason(made) -> None:
    """A metric alone where no pair of it was tested, the pairs where some were; the tested ones are rows."""
    parts = made.replicates(1.0, (0.1, -0.1, 0.05)), made.replicates(2.0, (0.1, -0.2, 0.07))
    given = {
        "off-the-shelf": [made.value(1.0, "fd"), made.value(1.0, "kd", replicates=parts[0])],
        "label-prompts": [made.value(2.0, "fd"), made.value(2.0, "kd", replicates=parts[1])],
        "morphology-k12": [made.value(3.0, "fd"), made.value(3.0, "kd")],
    }
    metrics = [made.metric("fd"), made.metric("kd")]
    records = [
        made.record(name, *found, metrics=metrics, suite={"primary": tuple(given)}) for name, found in given.items()
    ]
    said = text.of_boards(boards.of(records)).splitlines()
    assert [line for line in said if line.startswith("Not tested: ")] == [
        "Not tested: fd.net, kd.net (morphology-k12 - off-the-shelf, morphology-k12 - label-prompts): one shared seed, and "
        "no values of this metric on parts of the images are kept; two seeds or more would allow a paired difference"
    ]
    (row,) = [line for line in said if " - off-the-shelf" in line and not line.startswith("Not tested")]
    assert row.startswith("kd.net")
    assert any(line.endswith("one seed, says nothing of another training") for line in said)


def test_control_characters_do_not_reach_the_terminal(made) -> None:
    """Neither from names nor from errors."""
    failed = made.record("evil\x1b[2J", status="failed", error="bad\x1b]0;title\x07\nnext")
    found = text.of_boards(boards.of([failed]))
    assert "\x1b" not in found
    assert "\x07" not in found
    assert "evil[2J" in found
