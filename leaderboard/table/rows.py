"""The rows of a board: every variant of the suite, run or not, and every control that bounds a metric."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmark import digests
from benchmark.contracts.task import Metric
from benchmark.records.schema import Record, VariantEntry
from leaderboard.table import names
from leaderboard.table.model import Kind


@dataclass(frozen=True)
class Entrant:
    """A variant before its cells are filled."""

    name: str
    definition: str | None
    slug: str
    kind: Kind
    entry: VariantEntry | None
    records: tuple[Record, ...]


def of(records: Sequence[Record], *, metrics: Iterable[Metric], expected: Sequence[str]) -> list[Entrant]:
    """Return the entrants of a group, generators first, each kind in the suite's order.

    Records of one name but unlike parameters, weights or versions are unlike entrants.

    Args:
        records: The group's records.
        metrics: The board's metrics: a control that bounds one of them has a row even where it was not run.
        expected: Names of the suite's variants, in order.
    """
    bounding = dict.fromkeys(name for metric in metrics for name in metric.bounded_by)
    by_name: dict[str, dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        by_name[record.variant.name][definition(record.variant)].append(record)
    order = list(dict.fromkeys([*expected, *sorted(by_name), *bounding]))
    entrants = [one for name in order for one in _of_name(name, by_name.get(name, {}), control=name in bounding)]
    return sorted(entrants, key=lambda entrant: entrant.kind == "control")


def suite_order(records: Iterable[Record]) -> list[str]:
    """Return the variants of the suite: of its longest list first, then those only other records name."""
    lists = sorted({record.suite.variants for record in records}, key=lambda one: (-len(one), one))
    return list(dict.fromkeys(name for one in lists for name in one))


def definition(entry: VariantEntry) -> str:
    """Return the digest of all that decides what a variant makes; how it is described is no part of it."""
    return digests.of_value(entry.model_dump(mode="json", exclude={"summary", "origin"}))


def _of_name(name: str, definitions: Mapping[str, list[Record]], *, control: bool) -> list[Entrant]:
    if not definitions:
        kind: Kind = "control" if control else "generator"
        return [Entrant(name, None, names.slug(name), kind, None, ())]
    return [
        _entrant(name, digest[:6] if len(definitions) > 1 else None, found)
        for digest, found in sorted(definitions.items(), key=lambda item: _latest(item[1]))
    ]


def _entrant(name: str, shown: str | None, records: list[Record]) -> Entrant:
    ordered = tuple(sorted(records, key=lambda record: (record.seed, record.task.name)))
    entry = max(ordered, key=lambda record: record.run.finished).variant
    slug = names.slug(name) if shown is None else names.slug(f"{name} {shown}")
    return Entrant(name, shown, slug, entry.kind, entry, ordered)


def _latest(records: list[Record]) -> tuple[str, str]:
    return max((record.run.finished, record.digest) for record in records)
