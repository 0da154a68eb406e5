"""Sends everything a store holds that is not tracked yet: ``bench track``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.records.schema import Record
from benchmark.store.store import Store
from benchmark.tracking import live, probe, rows
from benchmark.tracking.client import Client
from benchmark.tracking.courier import ROW, STATE, Courier, is_whole
from benchmark.tracking.journal import Journal
from benchmark.tracking.ledger import Ledger
from benchmark.tracking.rows import Row
from benchmark.tracking.target import Target, redact

if TYPE_CHECKING:
    from mlflow.entities import Run

_ANSWER_S = 10.0


@dataclass
class Summary:
    """What a replay did, in records."""

    sent: int = 0
    """Not there before, there now."""
    there: int = 0
    """There before."""
    failed: int = 0
    """Still not there."""
    problems: list[str] = field(default_factory=list)
    """What went wrong, a line each."""


@dataclass
class Replay:
    """Sends every record of a store that a search in the tracking place does not find."""

    place: Target
    store: Store
    data_root: Path | None
    """Folder of the real images, for datasets that do not make their own."""
    advance: Callable[[int, int], None] | None = None
    """Takes how many rows of how many are dealt with."""
    summary: Summary = field(default_factory=Summary)
    _found: dict[str, dict[str, list[Run]]] = field(default_factory=dict)
    _courier: Courier = field(init=False)

    def run(self) -> Summary:
        """Send what is missing, and bring the parent runs of this store up to date."""
        wanted = rows.of(self._records())
        if not wanted or not self._connect():
            self.summary.failed += sum(len(row.records) for row in wanted)
            return self.summary
        for number, row in enumerate(wanted):
            if not self._take(row):
                self.summary.failed += sum(len(rest.records) for rest in wanted[number + 1 :])
                return self.summary
            if self.advance is not None:
                self.advance(number + 1, len(wanted))
        self._settle()
        return self.summary

    def _records(self) -> list[Record]:
        found = []
        for path, record in rows.readable(self.store.root):
            if isinstance(record, Exception):
                self.summary.failed += 1
                self.summary.problems.append(f"{path}: {record}")
            else:
                found.append(record)
        return found

    def _take(self, row: Row) -> bool:
        """Send a row unless it is there; tell whether the next one is worth trying."""
        try:
            if self._is_there(row):
                self.summary.there += len(row.records)
                self._courier.ledger.add(row.digests.values())
                return True
            delivery = self._courier.deliver(row)
        except Exception as error:
            self.summary.failed += len(row.records)
            self.summary.problems.append(redact(f"{row.title}: {type(error).__name__}: {error}"))
            return probe.answers(self.place, within_s=_ANSWER_S)
        self.summary.sent += delivery.sent
        self.summary.there += delivery.there
        if delivery.files != "sent":
            self.summary.problems.append(redact(f"{row.title}: its files were {delivery.files}"))
        return True

    def _is_there(self, row: Row) -> bool:
        """Tell from one search an experiment, rather than one a row, whether nothing is to be done for a row."""
        experiment = self._courier.client.experiment(row.head.suite.name)
        if experiment not in self._found:
            by_row: dict[str, list[Run]] = {}
            for run in self._courier.client.runs(experiment, f"tags.`{STATE}` != 'superseded'"):
                by_row.setdefault(run.data.tags.get(ROW, ""), []).append(run)
            self._found[experiment] = by_row
        runs = self._found[experiment].get(row.key, [])
        return len(runs) == 1 and runs[0].data.tags.get(STATE) == "complete" and is_whole(runs[0], row)

    def _settle(self) -> None:
        try:
            for experiment in self._found:
                self._courier.invocations.gather(experiment)
                live.sweep(self._courier, experiment)
            self._courier.invocations.settle()
        except Exception as error:
            self.summary.problems.append(redact(f"the parent runs: {type(error).__name__}: {error}"))

    def _connect(self) -> bool:
        """Connect; tell whether that worked."""
        # Databricks names no host that could be asked.
        if not self.place.uri.startswith("databricks") and not probe.answers(self.place, within_s=_ANSWER_S):
            self.summary.problems.append(f"{self.place.shown} does not answer")
            return False
        journal = Journal(self.store.root)
        journal.refresh()
        try:
            client = Client(self.place)
        except Exception as error:
            self.summary.problems.append(redact(f"{self.place.shown}: {type(error).__name__}: {error}"))
            return False
        self._courier = Courier(self.place, client, journal, self.store, Ledger(self.place), self.data_root)
        return True
