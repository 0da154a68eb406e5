"""Parent runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import filelock

from benchmark.events.log import EventLog
from benchmark.records.schema import Record
from benchmark.tracking import invocations
from benchmark.tracking.courier import Courier
from benchmark.tracking.invocations import Call
from benchmark.tracking.target import Target


def test_parent_is_made_once(courier: Courier, connect: Callable[..., Courier], place: Target, record: Record) -> None:
    """Another process finds it by its tag."""
    experiment = courier.client.experiment("toy")
    made = courier.invocations.parent(experiment, Call.of(record))
    assert courier.invocations.parent(experiment, Call.of(record)) == made
    assert connect(place).invocations.parent(experiment, Call.of(record)) == made


def test_call_of_a_log_is_the_call_of_its_records(courier: Courier, record: Record) -> None:
    """What the first event says and what the records say agree."""
    assert Call.under_way(courier.journal.course(record.run.invocation)) == Call.of(record)


def test_parent_of_a_killed_invocation_is_killed_and_of_a_living_one_runs(
    courier: Courier, store: Path, record: Record, remade: Callable[..., Record], seen: Callable[..., list[Any]]
) -> None:
    """The lease that a run holds to its end tells which is which."""
    experiment = courier.client.experiment("toy")
    for name in ("dead", "alive"):
        log = EventLog(store / "events" / f"{name}.jsonl")
        log.add("run_started", name=name)
        call = remade(record, run=record.run.model_copy(update={"invocation": name}))
        courier.invocations.parent(experiment, Call.of(call))
    courier.journal.refresh()
    with filelock.FileLock(store / "leases" / "run-alive"):
        assert invocations.is_alive(store, "alive")
        courier.invocations.settle()
    found = {run.data.tags["histobench.invocation"]: run for run in seen(courier.target.uri, everything=True)}
    assert found["dead"].info.status == "KILLED"
    assert found["dead"].data.tags["status"] == "stopped before its end"
    assert found["alive"].info.status == "RUNNING"


def test_outcome_of_an_invocation(
    courier: Courier, store: Path, record: Record, remade: Callable[..., Record], seen: Callable[..., list[Any]]
) -> None:
    """Nothing measured is a failure; a part measured says how much is missing."""
    experiment = courier.client.experiment("toy")
    for name, complete in (("part", 3), ("none", 0)):
        EventLog(store / "events" / f"{name}.jsonl").add("run_finished", complete=complete, cells=4)
        call = remade(record, run=record.run.model_copy(update={"invocation": name}))
        courier.invocations.parent(experiment, Call.of(call))
    courier.journal.refresh()
    courier.invocations.settle()
    found = {run.data.tags["histobench.invocation"]: run for run in seen(courier.target.uri, everything=True)}
    assert (found["part"].info.status, found["part"].data.tags["status"]) == ("FINISHED", "1 of 4 cells failed")
    assert (found["none"].info.status, found["none"].data.tags["status"]) == ("FAILED", "4 of 4 cells failed")
