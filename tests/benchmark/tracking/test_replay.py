"""Sending all that a store holds."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.records import files
from benchmark.records.schema import Record
from benchmark.store.store import Store
from benchmark.tracking import replay
from benchmark.tracking.courier import Courier
from benchmark.tracking.replay import Replay, Summary
from benchmark.tracking.rows import Row
from benchmark.tracking.target import Target

Once = Callable[[str, Path], None]


def test_everything_is_sent_once(again: Callable[[], Summary], place: Target, require_once: Once) -> None:
    """The second time there is nothing to send, also where the note of what was sent is lost."""
    first = again()
    assert (first.sent, first.there, first.failed, first.problems) == (4, 0, 0, [])
    require_once(place.uri, place.store)
    for note in (place.store / "tracking").glob("*.sent"):
        note.unlink()
    second = again()
    assert (second.sent, second.there, second.failed) == (0, 4, 0)
    require_once(place.uri, place.store)


def test_only_what_is_missing_is_sent(
    again: Callable[[], Summary], courier: Courier, place: Target, record: Record, require_once: Once
) -> None:
    """A run whose tracking broke off half-way is completed."""
    courier.deliver(Row((record,)))
    summary = again()
    assert (summary.sent, summary.there) == (3, 1)
    require_once(place.uri, place.store)


def test_two_processes_at_once_send_once(place: Target, require_once: Once) -> None:
    """Search and sending happen under one lock."""
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = Replay(place, Store.existing(place.store), None).run().failed
            finally:
                os._exit(status)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0, 0]
    require_once(place.uri, place.store)


def test_unreadable_record_holds_nobody_up(again: Callable[[], Summary], store: Path, record: Record) -> None:
    """It is named and counted; the others are sent."""
    path = files.path_of(store, record)
    path.write_text("{}")
    summary = again()
    assert (summary.sent, summary.failed) == (3, 1)
    assert str(path) in summary.problems[0]


def test_refused_row_holds_nobody_up(
    again: Callable[[], Summary], record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One row that MLflow will not take is named; the others are sent."""
    deliver = Courier.deliver

    def refuse(courier: Courier, row: Row) -> object:
        if row.head.variant.name == record.variant.name:
            raise ValueError("http://me:secret@host said no")
        return deliver(courier, row)

    monkeypatch.setattr(Courier, "deliver", refuse)
    summary = again()
    assert (summary.sent, summary.failed) == (3, 1)
    assert summary.problems == ["toy-fitted, seed 0: ValueError: http://***@host said no"]


def test_silent_server_is_given_up_at_once(
    store: Path, free_port: int, black_hole: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is tried row by row where nobody answers."""
    monkeypatch.setattr(replay, "_ANSWER_S", 0.2)
    monkeypatch.setattr(replay, "Client", None)
    for uri in (f"http://127.0.0.1:{free_port}", black_hole):
        summary = Replay(Target(store, uri, None), Store.existing(store), None).run()
        assert (summary.sent, summary.failed) == (0, 4)
        assert summary.problems == [f"{uri} does not answer"]


def test_empty_store_needs_no_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to send, nothing to import."""
    monkeypatch.setattr(replay, "Client", None)
    place = Target(tmp_path / "new", "http://127.0.0.1:1", None)
    assert Replay(place, Store(place.store), None).run() == Summary()


@pytest.fixture
def again(place: Target) -> Callable[[], Summary]:
    """Replays the store, as a process of its own would."""
    return lambda: Replay(place, Store.existing(place.store), None).run()
