"""All pairs of the comparison named beforehand: paired differences, Holm's adjustment, rank intervals."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from benchmark.contracts.task import Value
from benchmark.errors import UserError
from benchmark.statistics import jackknife, paired, subsampling
from benchmark.statistics.jackknife import Replicates
from benchmark.statistics.subsampling import Subsamples
from leaderboard.table import bounds
from leaderboard.table.model import Column, Comparison, Group, Pair, RankInterval, Row, Verdict
from leaderboard.table.over_seeds import CONDITIONAL, LEVEL, SAME_IMAGES, in_percent

_NO_PARTS = (
    "one shared seed, and no values of this metric on parts of the images are kept; "
    "two seeds or more would allow a paired difference"
)

FAMILY = 0.05
"""Family-wise error over all pairs of one metric."""

BEYOND = "both score better than real images, where more is no longer better"
"""Said of a pair that is not put in order for that reason."""


def compare(group: Group, primary: Sequence[str]) -> tuple[Comparison, ...]:
    """Return the comparison of every column, each a family of its own.

    None of a trial, or where fewer than two were named.
    """
    if len(primary) < 2 or any(row.trial for row in group.rows):
        return ()
    return tuple(
        _column(group, column, position, primary)
        for position, column in enumerate(group.columns)
        if column.metric.compares and column.metric.direction != "reference"
    )


def _column(group: Group, column: Column, position: int, primary: Sequence[str]) -> Comparison:
    # The suite names the variants from the one expected worst: the later one less the earlier reads as its gain.
    bare = [_pair(group, column, position, later, earlier) for earlier, later in itertools.combinations(primary, 2)]
    # A pair that could not be tested stays in the family with p = 1: a failed run must not make others significant.
    adjusted = paired.holm([1.0 if pair.p is None else pair.p for pair in bare])
    real = _real(group, column, position)
    pairs = tuple(
        pair if pair.p is None else _judged(pair, column, one, beyond=_beyond(group, column, position, pair, real))
        for pair, one in zip(bare, adjusted, strict=True)
    )
    return Comparison(column, pairs, _ranks(pairs, primary, column))


def _pair(group: Group, column: Column, position: int, first: str, second: str) -> Pair:
    chosen: list[dict[int, Value]] = []
    for name in (first, second):
        row = group.row(name)
        if row is None:
            return _untested(first, second, _why_no_row(group, name))
        values = _values(row, column, position)
        if not values:
            return _untested(first, second, f"'{name}' has no number that compares ({row.cells[position].state})")
        chosen.append(values)
    seeds = tuple(sorted(chosen[0].keys() & chosen[1].keys()))
    if not seeds:
        return _untested(first, second, "they share no seed")
    if len(seeds) == 1:
        return _one_seed(first, second, chosen[0][seeds[0]], chosen[1][seeds[0]], seeds)
    return _several_seeds(first, second, [_numbers(values, seeds) for values in chosen], seeds)


def _one_seed(first: str, second: str, one: Value, other: Value, seeds: tuple[int, ...]) -> Pair:
    """Compare by the parts of the images both left out alike; it says nothing of another training."""
    if one.replicates is None or other.replicates is None:
        return _untested(first, second, _NO_PARTS)
    try:
        found = _difference(one.replicates, other.replicates)
    except UserError as error:
        return _untested(first, second, str(error))
    interval, p = found.interval(level=LEVEL), found.p_value()
    if interval is None or p is None:
        return _untested(first, second, "their difference is the same on all parts of the images")
    method = f"{in_percent(LEVEL)} paired {interval.method}; one seed, says nothing of another training"
    return Pair(first, second, found.full, interval, seeds, method, p, None, "undecided", None)


def _difference(one: object, other: object) -> Replicates | Subsamples:
    if isinstance(one, Replicates) and isinstance(other, Replicates):
        return jackknife.difference(one, other)
    if isinstance(one, Subsamples) and isinstance(other, Subsamples):
        return subsampling.difference(one, other)
    raise UserError("The two records keep values of unlike kinds: one left out groups, the other split in halves.")


def _several_seeds(first: str, second: str, numbers: list[list[float]], seeds: tuple[int, ...]) -> Pair:
    found = paired.paired_mean(numbers[0], numbers[1], level=LEVEL)
    if found.p_value is None:
        reason = f"the difference is {found.value:.6g} at all {found.seeds} seeds: they are no replicates of it"
        return _untested(first, second, reason)
    method = f"{in_percent(LEVEL)} {paired.METHOD}, n = {found.seeds}; {SAME_IMAGES}"
    if found.conditional:
        method += f"; {CONDITIONAL}"
    return Pair(first, second, found.value, found.interval, seeds, method, found.p_value, None, "undecided", None)


def _real(group: Group, column: Column, position: int) -> float | None:
    """Return what real images score, where a control that hands them out bounds the metric."""
    floor = bounds.floor(column.metric, group.rows)
    cell = None if floor is None else group.rows[floor].cells[position]
    return cell.value if cell is not None and cell.compared else None


def _beyond(group: Group, column: Column, position: int, pair: Pair, real: float | None) -> bool:
    """Tell whether both variants score better than real images: then more is no longer better."""
    if real is None:
        return False
    both = [row.cells[position].value for name in (pair.first, pair.second) if (row := group.row(name)) is not None]
    sign = 1 if column.metric.direction == "higher" else -1
    return all(value is not None and sign * (value - real) > 0 for value in both)


def _judged(pair: Pair, column: Column, adjusted: float, *, beyond: bool) -> Pair:
    assert pair.value is not None
    verdict: Verdict = "undecided"
    if adjusted <= FAMILY:
        verdict = "differs"
        if beyond:
            return replace(pair, adjusted_p=adjusted, verdict=verdict, method=f"{pair.method}; {BEYOND}")
        if column.caution is None:
            higher_wins = column.metric.direction == "higher"
            verdict = "better" if (pair.value > 0) == higher_wins else "worse"
    return replace(pair, adjusted_p=adjusted, verdict=verdict)


def _ranks(pairs: Sequence[Pair], primary: Sequence[str], column: Column) -> tuple[RankInterval, ...]:
    """Return the ranks each variant may have, given which pairs are decided."""
    if column.caution is not None or any(pair.verdict == "not tested" for pair in pairs):
        return ()
    decided = [
        (pair.first, pair.second) if pair.verdict == "better" else (pair.second, pair.first)
        for pair in pairs
        if pair.verdict in ("better", "worse")
    ]
    return tuple(
        RankInterval(
            name,
            best=1 + sum(loser == name for _, loser in decided),
            worst=len(primary) - sum(winner == name for winner, _ in decided),
        )
        for name in primary
    )


def _values(row: Row, column: Column, position: int) -> dict[int, Value]:
    """Return the measured values on the column's basis, by seed."""
    return {
        outcome.seed: outcome.value
        for outcome in row.cells[position].outcomes
        if outcome.value is not None and outcome.basis is not None and outcome.basis == column.basis
    }


def _numbers(values: dict[int, Value], seeds: tuple[int, ...]) -> list[float]:
    return [number for seed in seeds if (number := values[seed].value) is not None]


def _why_no_row(group: Group, name: str) -> str:
    several = any(row.name == name for row in group.rows)
    return f"'{name}' stands for unlike parameters on this board" if several else f"'{name}' is not on this board"


def _untested(first: str, second: str, reason: str) -> Pair:
    return Pair(first, second, None, None, (), "", None, None, "not tested", reason)
