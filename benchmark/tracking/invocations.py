"""Parent runs: one for each call of ``bench run``."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Literal, NamedTuple

import filelock

from benchmark.records.schema import Record
from benchmark.store.garbage import RUN_LEASE
from benchmark.tracking import limits
from benchmark.tracking.client import Client
from benchmark.tracking.journal import Course, Journal, milliseconds

NAME = "histobench.invocation"
"""Tag that marks the parent run of an invocation, and no other run."""


class Call(NamedTuple):
    """What is told of an invocation."""

    name: str
    suite: str
    """Identifier of its suite."""
    command: str
    started: str
    """When, ISO 8601."""
    device: str
    limit: int | None

    @classmethod
    def of(cls, record: Record) -> Call:
        """Return the invocation that made a record."""
        run, suite = record.run, record.suite
        return cls(run.invocation, suite.identifier, run.command, run.started, record.device, suite.limit)

    @classmethod
    def under_way(cls, course: Course) -> Call:
        """Return the invocation of a log whose first event is there."""
        return cls(**{key: course.started[key] for key in cls._fields})


class Invocations:
    """The parent runs of one tracking place, made when first needed."""

    def __init__(self, client: Client, journal: Journal, store: Path) -> None:
        """Know of none yet."""
        self._client, self._journal, self._store = client, journal, store
        self._runs: dict[tuple[str, str], str] = {}

    def parent(self, experiment: str, call: Call) -> str:
        """Return the id of the parent run of an invocation; the caller holds the lock."""
        place = experiment, call.name
        if place not in self._runs:
            self._runs[place] = self._find(*place) or self._make(experiment, call)
        return self._runs[place]

    def settle(self) -> None:
        """Bring the status of every parent run that was used up to what the event logs say."""
        for (_, invocation), run in self._runs.items():
            course = self._journal.course(invocation)
            status = _status(course, alive=is_alive(self._store, invocation))
            if status != "RUNNING":
                self._client.tag(run, _outcome(course))
                self._client.end(run, status, course.last or None)

    def gather(self, experiment: str) -> None:
        """Take up the parent runs of this store that an experiment has and that no end was noted for."""
        mine = set(self._journal.invocations())
        for run in self._client.runs(experiment, f"tags.`{NAME}` LIKE '%' and attributes.status = 'RUNNING'"):
            name = run.data.tags[NAME]
            if name in mine:
                self._runs[experiment, name] = run.info.run_id

    def _find(self, experiment: str, invocation: str) -> str | None:
        found = self._client.runs(experiment, f"tags.`{NAME}` = '{invocation}'")
        return next((run.info.run_id for run in found), None)

    def _make(self, experiment: str, call: Call) -> str:
        tags = {
            NAME: call.name,
            "kind": "invocation",
            "suite": call.suite,
            "device": call.device,
            "command": limits.tag(call.command),
            "mlflow.source.name": limits.tag(call.command),
            "mlflow.note.content": f"`{limits.tag(call.command)}`",
        }
        trial = "" if call.limit is None else " (TRIAL)"
        return self._client.create(experiment, f"bench run {call.name}{trial}", milliseconds(call.started), tags)


def is_alive(store: Path, invocation: str) -> bool:
    """Tell whether an invocation is still at work: it holds its lease to the end."""
    path = store / "leases" / f"{RUN_LEASE}{invocation}"
    if not path.exists():
        return False
    lock = filelock.FileLock(path)
    with contextlib.suppress(filelock.Timeout):
        lock.acquire(timeout=0)
        lock.release()
        return False
    return True


def _status(course: Course, *, alive: bool) -> Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]:
    if course.finished is not None:
        return "FINISHED" if course.finished.data["complete"] else "FAILED"
    return "RUNNING" if alive else "KILLED"


def _outcome(course: Course) -> dict[str, str]:
    if course.finished is None:
        return {"status": "stopped before its end"}
    complete, cells = course.finished.data["complete"], course.finished.data["cells"]
    return {"status": "complete" if complete == cells else f"{cells - complete} of {cells} cells failed"}
