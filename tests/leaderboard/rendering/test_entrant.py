"""What the page of one row shows."""

from __future__ import annotations

from leaderboard.rendering import entrant
from leaderboard.table import boards


def _row(made, *records, name="label-prompts"):
    (group,) = boards.of(list(records))[0].groups
    return group.row(name), group.columns


def test_given_parameters_come_before_defaults(made) -> None:
    """Each says where it is from."""
    row, _ = _row(made, made.record("label-prompts", made.value(1.0)))
    assert entrant.parameters(row) == (("steps", "400", True), ("guidance", "7.5", False))


def test_every_seed_has_a_line(made) -> None:
    """Measured, failed and missing alike, with N and what qualifies the number."""
    records = [
        made.record("label-prompts", made.value(1.0, slides={"reference": 9}, samples={"spread": 0.012}), seed=0),
        made.record("label-prompts", seed=1, status="diverged", error="loss is nan"),
        made.record("noise", made.value(9.0), seed=2),
    ]
    row, columns = _row(made, *records)
    lines = entrant.values(row, columns)
    assert [(line.seed, line.state) for line in lines] == [(0, "measured"), (1, "diverged"), (2, "not run")]
    assert lines[0].further == ("spread 0.012",)
    assert lines[0].n == "reference 750 (9 slides), synthetic 1500"
    assert lines[1].how == "loss is nan"
    assert entrant.failures(row) == (("fidelity, seed 1", "diverged", "loss is nan"),)


def test_costs_keep_the_order_of_stages(made) -> None:
    """A stage a cell did not need is left empty."""
    records = [
        made.record("label-prompts", made.value(1.0), run={"wall_s": {"measure": 1.0, "fit": 2.0, "extra": 3.0}}),
        made.record("label-prompts", made.value(1.0), seed=1, run={"wall_s": {"fit": 4.0}}),
    ]
    found = entrant.costs(_row(made, *records)[0])
    assert found.stages == ("fit", "measure", "extra")
    assert found.lines == ((0, "fidelity", (2.0, 1.0, 3.0)), (1, "fidelity", (4.0, None, None)))


def test_equal_surroundings_are_told_once(made) -> None:
    """Two seeds of one commit, one of another."""
    records = [made.record("label-prompts", made.value(float(seed)), seed=seed) for seed in (0, 1)]
    records.append(made.record("label-prompts", made.value(2.0), seed=2, provenance={"commit": "b" * 40}))
    found = entrant.provenance(_row(made, *records)[0])
    assert [one.cells for one in found] == ["fidelity, seed 0; fidelity, seed 1", "fidelity, seed 2"]
