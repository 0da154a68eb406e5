"""One cell: numbers, failures and what is missing."""

from __future__ import annotations

from leaderboard.table import basis, cells
from leaderboard.table.model import Cell, Column


def _cell(made, records, seeds, metric=None) -> Cell:
    metric = metric or made.metric()
    found = cells.outcomes({(one.seed, "fidelity"): one for one in records}, _column(metric), seeds)
    chosen = basis.choose([outcome.basis for outcome in found if outcome.basis is not None])
    return cells.cell(found, _column(metric, chosen))


def _column(metric, chosen=None) -> Column:
    return Column("fidelity", "fd.net", 0, metric, "net", chosen)


def test_seeds_that_failed_are_named_beside_the_mean(made) -> None:
    """The mean is over the seeds that have a number; the others are said, with their reasons."""
    records = [made.record("a", made.value(float(seed)), seed=seed) for seed in (1, 3)]
    records.append(made.record("a", seed=2, status="diverged", error="loss is nan"))
    cell = _cell(made, records, (1, 2, 3, 4, 5))
    assert cell.value == 2.0
    assert cell.seeds == (1, 3)
    assert cell.notes[-1] == "2 of 5 seeds: seed 2 diverged (loss is nan); seeds 4, 5 not run"


def test_what_is_said_of_one_seed_s_interval_is_not_said_of_the_mean_s(made) -> None:
    """It is said of each seed alone."""
    records = [
        made.record("a", made.value(float(seed), interval=made.interval(0, 9), note="too short far off"), seed=seed)
        for seed in (1, 2, 3)
    ]
    assert _cell(made, records, (1, 2, 3)).notes == ("each seed alone: too short far off",)
    assert _cell(made, records[:1], (1,)).notes == ("too short far off",)


def test_status_and_reason_of_a_cell_without_numbers(made) -> None:
    """A failed cell keeps its closed status and says why."""
    cell = _cell(made, [made.record("a", status="no-space", error="disk full")], (0,))
    assert (cell.state, cell.value, cell.reason) == ("no-space", None, "disk full")


def test_missing_cell_is_not_run(made) -> None:
    """No record at all: not run, with nothing to explain."""
    assert (_cell(made, [], (0, 1)).state, _cell(made, [], (0, 1)).reason) == ("not run", None)


def test_refused_value_shows_its_reason(made) -> None:
    """A refused number is no number, and its reason stands."""
    cell = _cell(made, [made.record("a", made.value(None, refused="N < D"))], (0,))
    assert (cell.state, cell.reason) == ("refused", "N < D")


def test_unlike_n_is_left_out_of_the_mean(made) -> None:
    """A seed at another N is named, not averaged."""
    records = [made.record("a", made.value(float(seed)), seed=seed) for seed in (0, 1)]
    records.append(made.record("a", made.value(100.0, n={"synthetic": 5}), seed=2))
    cell = _cell(made, records, (0, 1, 2))
    assert cell.value == 0.5
    assert "seed 2 left out (not compared: N is synthetic 5" in cell.notes[-1]


def test_numbers_on_another_basis_than_the_columns_are_shown_apart(made) -> None:
    """They keep their value but do not compare."""
    record = made.record("a", made.value(3.0, n={"synthetic": 5}))
    found = cells.outcomes({(0, "fidelity"): record}, _column(made.metric()), (0,))
    other = basis.of(made.record("b"), made.value(1.0), made.metric())
    cell = cells.cell(found, _column(made.metric(), other))
    assert cell.value == 3.0
    assert not cell.compared
    assert any("N is synthetic 5" in note for note in cell.notes)


def test_why_one_seed_has_no_interval_is_not_said_of_the_mean(made) -> None:
    """The task's note explains a single seed; the mean has an interval of its own."""
    records = [made.record("a", made.value(float(seed), note="a toy"), seed=seed) for seed in (0, 1)]
    assert _cell(made, records, (0, 1)).notes == ("one seed alone: no interval: a toy",)
    assert _cell(made, records[:1], (0,)).notes == ()
