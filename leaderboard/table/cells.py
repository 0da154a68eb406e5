"""One variant under one metric: the outcome of every seed, and the number that stands for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmark.contracts.task import Value
from benchmark.records.schema import Record
from leaderboard.table import basis, names, over_seeds
from leaderboard.table.model import Basis, Cell, Column, Outcome, State


def outcomes(records: Mapping[tuple[int, str], Record], column: Column, seeds: Sequence[int]) -> tuple[Outcome, ...]:
    """Return what every seed gave.

    Args:
        records: Records of one variant by (seed, task).
        column: The metric.
        seeds: The seeds of the group.

    Returns:
        One outcome a seed, in their order.
    """
    return tuple(_outcome(records.get((seed, column.task)), column, seed) for seed in seeds)


def cell(found: Sequence[Outcome], column: Column, *, redrawn: bool = False) -> Cell:
    """Return the cell of a variant, given the column with its basis chosen.

    Args:
        found: What each seed gave.
        column: The metric.
        redrawn: Whether the variant's seeds redraw the same real images.
    """
    numbers = [outcome for outcome in found if outcome.number is not None]
    if not numbers:
        return _empty(found)
    shared = [outcome for outcome in numbers if outcome.basis == column.basis]
    own = column.basis if shared else basis.choose(_basis(outcome) for outcome in numbers)
    assert own is not None
    used = [outcome for outcome in numbers if outcome.basis == own]
    values = [_value(outcome) for outcome in used]
    estimate = over_seeds.estimate(values, column.metric, redrawn=redrawn)
    return Cell(
        state="measured",
        value=estimate.value,
        interval=estimate.interval,
        method=estimate.method,
        n=values[0].n,
        slides=values[0].slides,
        seeds=tuple(outcome.seed for outcome in used),
        over_seeds=estimate.over_seeds,
        compared=bool(shared),
        notes=_notes(found, used, column, own, estimate),
        reason=None,
        outcomes=tuple(found),
    )


def find(record: Record, column: Column) -> Value | None:
    """Return a column's value in a record, or None."""
    same = [value for value in record.values if value.key == column.key]
    return same[column.occurrence] if column.occurrence < len(same) else None


def _outcome(record: Record | None, column: Column, seed: int) -> Outcome:
    if record is None:
        return Outcome(seed, "not run", None, None, None)
    if record.status != "complete":
        return Outcome(seed, record.status, None, None, record.error or "the record does not say why")
    value = find(record, column)
    if value is None:
        reason = f"task '{column.task}', version {record.task.version}, did not measure it"
        return Outcome(seed, "not run", None, None, reason)
    if value.value is None:
        return Outcome(seed, "refused", value, None, value.refused or "the record does not say why")
    return Outcome(seed, "measured", value, basis.of(record, value, column.metric), None)


def _empty(found: Sequence[Outcome]) -> Cell:
    """Return the cell of a variant without a number; the first seed that was run says why."""
    run = [outcome for outcome in found if outcome.state != "not run"]
    first = run[0] if run else next((outcome for outcome in found if outcome.reason), None)
    state: State = first.state if first is not None else "not run"
    unlike = {(outcome.state, outcome.reason) for outcome in found}
    if first is None:
        reason = None
    elif len(unlike) == 1:
        reason = first.reason
    else:
        reason = _by_reason(found, None)
    return Cell(state, None, None, "", {}, {}, (), False, False, (), reason, tuple(found))


def _notes(
    found: Sequence[Outcome], used: Sequence[Outcome], column: Column, own: Basis, estimate: over_seeds.Estimate
) -> tuple[str, ...]:
    """Return what must be known beside the number: the task's own notes, and the seeds that are not in it."""
    notes: dict[str, None] = {}
    for value in map(_value, used):
        if value.note is not None and value.note not in estimate.method:
            notes[_note(value.note, value, over_seeds_=estimate.over_seeds)] = None
    if column.basis is not None and own != column.basis:
        notes[basis.unlike(own, column.basis)] = None
    seeds = [outcome.seed for outcome in used]
    left_out = [outcome for outcome in found if outcome.seed not in seeds]
    if left_out:
        notes[f"{len(used)} of {len(found)} seeds: {_by_reason(left_out, own)}"] = None
    return tuple(notes)


def _note(note: str, value: Value, *, over_seeds_: bool) -> str:
    """Return a value's note; what it says of one seed's interval, it does not say of one over seeds."""
    if value.interval is None:
        return f"one seed alone: {over_seeds.no_interval(note)}"
    return f"each seed alone: {note}" if over_seeds_ else note


def _by_reason(outcomes: Sequence[Outcome], own: Basis | None) -> str:
    """Return which seeds have no part in a number and why, seeds of one reason together."""
    reasons: dict[str, list[int]] = {}
    for outcome in outcomes:
        reasons.setdefault(_why(outcome, own), []).append(outcome.seed)
    return "; ".join(f"{names.seeds_in_words(seeds)} {reason}" for reason, seeds in reasons.items())


def _why(outcome: Outcome, own: Basis | None) -> str:
    if outcome.basis is not None and own is not None:
        return f"left out ({basis.unlike(outcome.basis, own)})"
    return outcome.state if outcome.reason is None else f"{outcome.state} ({outcome.reason})"


def _value(outcome: Outcome) -> Value:
    assert outcome.value is not None
    return outcome.value


def _basis(outcome: Outcome) -> Basis:
    assert outcome.basis is not None
    return outcome.basis
