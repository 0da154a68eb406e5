"""Brings rows to MLflow, each record once, whatever was sent before and wherever sending was cut short."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import filelock

from benchmark.store.store import Store
from benchmark.tracking import attachments, inputs, payload
from benchmark.tracking.client import Client
from benchmark.tracking.invocations import Call, Invocations
from benchmark.tracking.journal import Journal
from benchmark.tracking.ledger import Ledger
from benchmark.tracking.payload import CURVES, RECORD, Payload
from benchmark.tracking.rows import Row
from benchmark.tracking.target import Target

if TYPE_CHECKING:
    from mlflow.entities import Run

ROW = "histobench.row"
"""Tag with the key of a run's row."""
STATE = "histobench.sent"
"""Tag that says ``complete``, set last; ``sending`` before that; ``superseded`` when newer records took its place."""
FILES = "histobench.files"
"""Tag that says ``sent``, or why the files of a run could not be."""
PARENT = "mlflow.parentRunId"
"""MLflow's tag that puts a run below another."""


class Delivery(NamedTuple):
    """What became of a row."""

    sent: int
    """Records that were not there before."""
    there: int
    """Records that were."""
    files: str
    """``sent``, or why its files could not be."""


@dataclass
class Courier:
    """Sends rows to one tracking place."""

    target: Target
    client: Client
    journal: Journal
    store: Store
    ledger: Ledger
    data_root: Path | None = None
    """Folder of real images, for datasets that do not make their own."""
    sign: Callable[[], None] = lambda: None
    """Called after each part that arrived."""
    invocations: Invocations = field(init=False)

    def __post_init__(self) -> None:
        """Know of no parent runs yet."""
        self.invocations = Invocations(self.client, self.journal, self.store.root)

    def deliver(self, row: Row) -> Delivery:
        """Make sure that every record of a row is in exactly one run.

        The search and the sending happen under one lock, so that two processes never send the same.
        """
        with filelock.FileLock(self.target.lock):
            experiment = self.client.experiment(row.head.suite.name)
            found = list(self.client.runs(experiment, f"tags.`{ROW}` = '{row.key}'"))
            current = [run for run in found if run.data.tags.get(STATE) == "complete"]
            for run in found:
                if run.data.tags.get(STATE) == "sending":
                    self.client.delete(run.info.run_id)
            delivery = self._reconcile(row, experiment, current)
        self.ledger.add(row.digests.values())
        return delivery

    def _reconcile(self, row: Row, experiment: str, current: list[Run]) -> Delivery:
        """Bring the runs of a row to what its records say."""
        wanted = set(row.digests.values())
        holder, outcome = next((run for run in current if is_whole(run, row)), None), "sent"
        missing = len(wanted - {digest for run in current for digest in held(run).values()})
        if holder is None:
            told = payload.of(row, self.journal)
            holder = next((run for run in current if _agrees(run, told, row)), None)
            kept = self._begin(experiment, row, told) if holder is None else holder.info.run_id
            self.client.tag_experiment(experiment, payload.experiment_tags(row))
            outcome = self._fill(kept, row, told, holder)
        else:
            kept = holder.info.run_id
        for run in current:
            if run.info.run_id != kept:
                self._supersede(run, kept)
        return Delivery(sent=missing, there=len(wanted) - missing, files=outcome)

    def _begin(self, experiment: str, row: Row, told: Payload) -> str:
        newest = max(row.records, key=lambda record: record.run.finished)
        parent = self.invocations.parent(experiment, Call.of(newest))
        tags = {PARENT: parent, ROW: row.key, STATE: "sending"}
        return self.client.create(experiment, told.name, told.started, tags)

    def _fill(self, run: str, row: Row, told: Payload, before: Run | None) -> str:
        """Send all of a row that a run does not hold, mark it complete at the end, and return what became of files."""
        data = None if before is None else before.data
        params = {} if data is None else data.params
        metrics = {} if data is None else data.metrics
        tags = {} if data is None else data.tags
        if before is not None:
            self.client.tag(run, {STATE: "sending"})
        self.client.log(
            run,
            params={key: text for key, text in told.params.items() if key not in params},
            metrics={key: number for key, number in told.metrics.items() if key not in metrics},
            time=told.ended,
        )
        self.sign()
        if not any(key.startswith(CURVES) for key in metrics):
            self.client.draw(run, told.curves)
        self.sign()
        self.client.untag(run, [key for key in tags if key.startswith("error.") and key not in told.tags])
        self.client.inputs(run, inputs.of(row.head))
        outcome = self._upload(run, row, with_pictures=tags.get(FILES) != "sent")
        self.client.end(run, told.status, told.ended)
        self.client.tag(run, {**told.tags, **outcome})
        self.client.tag(run, {STATE: "complete"})
        self.sign()
        return outcome[FILES]

    def _upload(self, run: str, row: Row, *, with_pictures: bool) -> dict[str, str]:
        """Send the files of a row; return what its tags say of them."""
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            attachments.records(row, folder)
            made = [path for key in payload.fit_keys(row, self.journal) for path in self.journal.pictures(key)]
            attachments.training(made, folder)
            missing = []
            if with_pictures:
                missing = attachments.pictured(row, self.store, folder, data_root=self.data_root)
                self.sign()
            try:
                self.client.upload(run, folder)
            # The numbers stand without their files: a server may have a folder this machine cannot write to.
            except Exception as error:
                return {FILES: f"not sent: {type(error).__name__}: {error}"[:1000]}
        return {FILES: "sent", **({"missing": "; ".join(missing)[:1000]} if missing else {})}

    def _supersede(self, run: Run, by: str) -> None:
        """Mark a run whose records have been made again; its own digests stay readable under another name."""
        old = {f"superseded.{RECORD}{task}": digest for task, digest in held(run).items()}
        self.client.tag(run.info.run_id, {**old, STATE: "superseded", "status": "superseded", "superseded.by": by})
        self.client.untag(run.info.run_id, [f"{RECORD}{task}" for task in held(run)])
        self.client.rename(run.info.run_id, f"{run.info.run_name} (superseded)")


def held(run: Run) -> dict[str, str]:
    """Return the digest of each record a run holds, by task."""
    return {key.removeprefix(RECORD): value for key, value in run.data.tags.items() if key.startswith(RECORD)}


def is_whole(run: Run, row: Row) -> bool:
    """Tell whether a run holds all records of a row, their files included."""
    return set(row.digests.values()) <= set(held(run).values()) and run.data.tags.get(FILES) == "sent"


def _agrees(run: Run, told: Payload, row: Row) -> bool:
    """Tell whether a run can take what it lacks of a row: whatever both say is the same."""
    numbers = {key: number for key, number in run.data.metrics.items() if not key.startswith(CURVES)}
    if any(told.params.get(key, text) != text for key, text in run.data.params.items()):
        return False
    if any(told.metrics.get(key, number) != number for key, number in numbers.items()):
        return False
    # A name that two tasks share is given up for longer ones.
    return not (set(held(run)) <= set(row.digests) and set(numbers) - set(told.metrics))
