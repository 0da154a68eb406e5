"""What a board holds, before it is drawn in any form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from benchmark.contracts.task import Metric, Value
from benchmark.protocol.definition import Protocol
from benchmark.records.schema import DatasetEntry, Record, SuiteEntry, VariantEntry
from benchmark.statistics.interval import Interval

State = Literal["measured", "refused", "failed", "diverged", "no-space", "not run"]
"""What became of a cell."""

Kind = Literal["generator", "control"]
"""Whether a row competes or bounds the board."""

Verdict = Literal["better", "worse", "undecided", "differs", "not tested"]
"""What a comparison says of its first variant; ``differs`` where the metric has no better side."""


class Basis(NamedTuple):
    """What two numbers of one metric must share to be compared."""

    task_version: int
    task_digest: str
    """Digest of the task's parameters, defaults filled in."""
    extractor_version: int | None
    n: tuple[tuple[str, int], ...]
    """Images by role, sorted; empty where the metric compares at any N."""
    protocol: str
    """Digest of the protocol."""


@dataclass(frozen=True)
class Outcome:
    """What one seed gave."""

    seed: int
    state: State
    value: Value | None
    """The recorded value; None where the cell left none."""
    basis: Basis | None
    """None where there is no number."""
    reason: str | None
    """Why there is no number."""

    @property
    def number(self) -> float | None:
        """Return the measured number, or None."""
        return self.value.value if self.value is not None and self.state == "measured" else None


@dataclass(frozen=True)
class Cell:
    """One variant under one metric, over the seeds of its group."""

    state: State
    value: float | None
    interval: Interval | None
    method: str
    """How the interval was made, or why there is none."""
    n: Mapping[str, int]
    """Images behind the number, by role."""
    slides: Mapping[str, int]
    """Slides they come from, by role, where slides are known."""
    seeds: tuple[int, ...]
    """Seeds behind the number."""
    over_seeds: bool
    """Whether the interval is over seeds."""
    compared: bool
    """Whether the number shares the column's basis."""
    notes: tuple[str, ...]
    """What a reader must know beside the number."""
    reason: str | None
    """Why there is no number."""
    outcomes: tuple[Outcome, ...]
    """Every seed of the group."""


@dataclass(frozen=True)
class Column:
    """One metric of one task, under one extractor where features are involved."""

    task: str
    key: str
    """``fd.inception``."""
    occurrence: int
    """Which of several values of one key in one record; 0 for the first."""
    metric: Metric
    extractor: str | None
    basis: Basis | None = None
    """What the compared numbers share; None where nothing was measured."""
    caution: str | None = None
    """Why the numbers do not order the variants; None where they do."""

    @property
    def place(self) -> tuple[str, str, int]:
        """Return what finds the column's value in a record."""
        return self.task, self.key, self.occurrence

    @property
    def name(self) -> str:
        """Return the key, numbered where a record holds it more than once."""
        return self.key if self.occurrence == 0 else f"{self.key} ({self.occurrence + 1})"


@dataclass(frozen=True)
class Row:
    """One variant under the seeds of one group."""

    name: str
    definition: str | None
    """Short digest of the variant's parameters, where one name stands for several; None else."""
    slug: str
    """File name of its page, without suffix; unique on the board."""
    kind: Kind
    entry: VariantEntry | None
    """None where it was not run."""
    cells: tuple[Cell, ...]
    """In the order of the group's columns."""
    records: tuple[Record, ...]
    """By seed, then by task."""

    @property
    def label(self) -> str:
        """Return the name people read."""
        return self.name if self.definition is None else f"{self.name} (definition {self.definition})"

    @property
    def imported(self) -> bool:
        """Tell whether an imported reference stood in for the real images of any of its records."""
        return any(record.dataset.reference is not None for record in self.records)

    @property
    def trial(self) -> bool:
        """Tell whether a run of it was limited."""
        return any(record.suite.limit is not None for record in self.records)

    @property
    def dirty(self) -> bool:
        """Tell whether a run of it came from a checkout with uncommitted changes."""
        return any(record.provenance.dirty for record in self.records)


@dataclass(frozen=True)
class Pair:
    """The difference of two variants, first - second."""

    first: str
    second: str
    value: float | None
    interval: Interval | None
    seeds: tuple[int, ...]
    method: str
    """How the interval was made."""
    p: float | None
    adjusted_p: float | None
    """After Holm, over all pairs of the column, tested or not."""
    verdict: Verdict
    reason: str | None
    """Why it was not tested."""

    @property
    def zero_inside(self) -> bool | None:
        """Tell whether the interval holds zero; None without an interval."""
        return None if self.interval is None else self.interval.low <= 0.0 <= self.interval.high


class RankInterval(NamedTuple):
    """Ranks a variant may have among the variants of the comparison, 1 being the best."""

    name: str
    best: int
    worst: int


@dataclass(frozen=True)
class Comparison:
    """All pairs of the comparison named beforehand, under one metric."""

    column: Column
    pairs: tuple[Pair, ...]
    ranks: tuple[RankInterval, ...]
    """Empty where the metric does not order or a pair was not tested."""

    @property
    def tested(self) -> int:
        """Return how many of the pairs were tested."""
        return sum(pair.p is not None for pair in self.pairs)


@dataclass(frozen=True)
class Group:
    """Rows whose seeds may stand together: the reported seeds, or those of development."""

    reported: bool
    seeds: tuple[int, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]
    """Of the columns, in their order; empty where no comparison was named."""

    @property
    def tasks(self) -> tuple[str, ...]:
        """Return the tasks, in the order of the columns."""
        return tuple(dict.fromkeys(column.task for column in self.columns))

    def row(self, name: str) -> Row | None:
        """Return the one row of a name; None where there is none, or several."""
        found = [row for row in self.rows if row.name == name]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True)
class Board:
    """Rows that compare: one suite's conditions, one dataset, one kind of device."""

    identifier: str
    """`Record.board`."""
    slug: str
    """Name of its folder."""
    title: str
    suite: SuiteEntry
    """Of the record that finished last."""
    dataset: DatasetEntry
    protocol: Protocol
    n_synthetic: int
    """Synthetic images a variant and seed."""
    device: str
    limit: int | None
    """The least `--limit` among its records."""
    primary: tuple[str, ...]
    """The comparison named beforehand; empty where there is none, or its records disagree."""
    groups: tuple[Group, ...]
    """Reported seeds first."""
    notes: tuple[str, ...]
    """What a reader must know of the board as a whole."""
    records: tuple[Record, ...]

    @property
    def dirty(self) -> bool:
        """Tell whether any record comes from a checkout with uncommitted changes."""
        return any(record.provenance.dirty for record in self.records)
