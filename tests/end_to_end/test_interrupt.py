"""Ctrl-C and SIGTERM: what is finished is kept, a message says how to go on, and the same command does."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

STOPPED = "\nStopped. Finished steps are kept; the same command continues from here.\n"

Records = Callable[[Path], dict[str, Any]]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("where", ["fit", "sample"])
def test_a_stopped_run_is_resumed_by_the_same_command(
    gates: Any, start: Any, bench: Any, records_of: Records, events_of: Any, undisturbed: dict[str, Any],
    tmp_path: Path, number: signal.Signals, where: str,
) -> None:  # fmt: skip
    """Status 130 and one message; the resumed run makes only what is missing, and its records are the same."""
    command = (*gates.arguments, "--store", tmp_path / "store")
    gates.shut(where)
    running = start(*command)
    gates.reached(where)
    running.send(number)
    assert running.wait() == (130, "", STOPPED)
    assert records_of(tmp_path / "store") == {}
    assert bench("store", "verify", "--store", tmp_path / "store").code == 0
    gates.open(where)
    assert bench(*command).code == 0
    stopped, resumed = events_of(tmp_path / "store")
    finished = {event["key"]: event["stage"] for event in stopped if event["kind"] == "step_finished"}
    assert list(finished.values()) == ["data", "embed", *(["fit"] if where == "sample" else [])]
    assert {event["key"] for event in resumed if event["kind"] == "step_reused"} >= finished.keys()
    assert not {event["key"] for event in resumed if event["kind"] == "step_started"} & finished.keys()
    assert records_of(tmp_path / "store") == undisturbed


def test_what_a_stopped_step_kept_for_itself_is_still_there(gates: Any, start: Any, tmp_path: Path) -> None:
    """Its scratch, which holds checkpoints, and its seconds; of its output nothing."""
    gates.shut("fit")
    running = start(*gates.arguments, "--store", tmp_path / "store")
    gates.reached("fit")
    running.send(signal.SIGINT)
    assert running.wait().code == 130
    (work,) = (tmp_path / "store" / "work").iterdir()
    left = {str(path.relative_to(work)) for path in work.rglob("*")}
    assert left == {"scratch", "scratch/begun", "seconds.json"}


def test_a_run_that_waits_for_another_can_be_stopped_too(
    gates: Any, start: Any, wait_until: Any, events_of: Any, records_of: Records, undisturbed: dict[str, Any],
    tmp_path: Path,
) -> None:  # fmt: skip
    """The other does not notice."""
    command, store = (*gates.arguments, "--store", tmp_path / "store"), tmp_path / "store"
    gates.shut("fit")
    first = start(*command)
    gates.reached("fit")
    second = start(*command)
    wait_until(lambda: any(event["kind"] == "step_reused" for log in events_of(store) for event in log))
    second.send(signal.SIGINT)
    assert second.wait() == (130, "", STOPPED)
    assert first.poll() is None
    gates.open("fit")
    assert first.wait().code == 0
    assert records_of(store) == undisturbed


def test_a_command_of_its_own_is_stopped_the_same_way(gates: Any, start_afresh: Any, tmp_path: Path) -> None:
    """The other tests fork theirs."""
    gates.shut("sample")
    running = start_afresh(*gates.arguments, "--store", tmp_path / "store")
    gates.reached("sample")
    running.send(signal.SIGTERM)
    assert running.wait() == (130, "", STOPPED)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_tracked_run_is_stopped_at_once_and_tracked_once(
    gates: Any,
    start_afresh: Any,
    bench_afresh: Any,
    wait_until: Any,
    senders_of: Any,
    tmp_path: Path,
    number: signal.Signals,
) -> None:
    """What sends its results is gone with it, half through its database; the resumed run sends each row once."""
    command, store = (*gates.arguments, "--store", tmp_path / "store"), tmp_path / "store"
    gates.shut("sample")
    running = start_afresh(*command, BENCH_TRACKING="1")
    gates.reached("sample")
    wait_until(lambda: any(store.glob(".mlflow.db.*.part")))
    running.send(number)
    assert running.wait() == (130, "", STOPPED)
    assert not senders_of(store)
    gates.open("sample")
    for _ in range(2):
        assert bench_afresh(*command, BENCH_TRACKING="1").code == 0
    with sqlite3.connect(store / "mlflow.db") as database:
        query = "select value from tags where key = 'mlflow.parentRunId'"
        assert len(database.execute(query).fetchall()) == 2
