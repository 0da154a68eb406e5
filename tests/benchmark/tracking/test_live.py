"""The curves of a fit under way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import filelock
import pytest

from benchmark.events.log import EventLog
from benchmark.records.schema import Record
from benchmark.tracking import live
from benchmark.tracking.courier import Courier
from benchmark.tracking.live import Fit, Live
from benchmark.tracking.rows import Row

Seen = Callable[..., list[Any]]


def test_curve_grows_while_the_fit_runs_and_goes_with_its_row(
    courier: Courier, record: Record, log: EventLog, seen: Seen, require_once: Callable[[str, Path], None]
) -> None:
    """Points arrive as they are made, each once; when the row is sent, the run is gone."""
    shown = Live(courier, record.run.invocation)
    shown.watch(Fit("LONG", "fit slowly"))
    shown.draw()
    assert _under_way(courier, seen) == []
    for at in range(3):
        log.add("curve", step="fit slowly", key="LONG", name="loss", value=1.0 / (1 + at), at=at)
        courier.journal.refresh()
        shown.draw()
        (run,) = _under_way(courier, seen)
        assert run.data.metrics["train/loss"] == 1.0 / (1 + at)
    assert run.info.run_name == "fit slowly (under way)"
    assert run.info.status == "RUNNING"
    assert run.data.tags["mlflow.parentRunId"]
    shown.settle(Row((record,)))
    assert len(_under_way(courier, seen)) == 1
    step = record.steps[0].model_copy(update={"key": "LONG"})
    shown.settle(Row((record.model_copy(update={"steps": (step,)}),)))
    assert _under_way(courier, seen) == []


def test_pictures_are_sent_as_they_are_made(courier: Courier, record: Record, log: EventLog, store: Path) -> None:
    """Each once, into a folder of their own; one that is gone is passed over."""
    shown, client = Live(courier, record.run.invocation), courier.client
    sent: list[str] = []
    send = client.send
    client.send = lambda run, path, place: (sent.append(path.name), send(run, path, place))[1]  # type: ignore[method-assign]
    shown.watch(Fit("LONG", "fit slowly"))
    (store / "pictures").mkdir()
    for at in range(3):
        path = Path("pictures") / f"samples-{at}.png"
        if at != 1:
            (store / path).write_bytes(b"PNG")
        log.add("picture", step="fit slowly", key="LONG", name="samples", path=str(path), at=at)
        courier.journal.refresh()
        shown.draw()
    assert sent == ["samples-0.png", "samples-1.png", "samples-2.png"]
    found = client._client.list_artifacts(shown._run, "training")
    assert [one.path for one in found] == ["training/samples-0.png", "training/samples-2.png"]


def test_short_fit_is_not_shown(
    courier: Courier, record: Record, log: EventLog, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fit of seconds makes no run of its own."""
    monkeypatch.setattr(live, "_AFTER_S", 1000.0)
    shown = Live(courier, record.run.invocation)
    shown.watch(Fit("LONG", "fit slowly"))
    log.add("curve", step="fit slowly", key="LONG", name="loss", value=1.0, at=0)
    courier.journal.refresh()
    shown.draw()
    assert seen(courier.target.uri, everything=True) == []


def test_next_fit_takes_the_place_of_the_last(courier: Courier, record: Record, log: EventLog, seen: Seen) -> None:
    """One fit at a time is under way."""
    shown = Live(courier, record.run.invocation)
    for key in ("A", "B"):
        log.add("curve", step=f"fit {key}", key=key, name="loss", value=1.0, at=0)
        courier.journal.refresh()
        shown.watch(Fit(key, f"fit {key}"))
        shown.draw()
    assert [run.info.run_name for run in _under_way(courier, seen)] == ["fit B (under way)"]


def test_sweep_removes_what_a_killed_run_left(
    courier: Courier, record: Record, log: EventLog, seen: Seen, store: Path
) -> None:
    """The fit of a run that is alive stays, and so does that of a run of another store."""
    log.add("curve", step="fit A", key="A", name="loss", value=1.0, at=0)
    courier.journal.refresh()
    shown = Live(courier, record.run.invocation)
    shown.watch(Fit("A", "fit A"))
    shown.draw()
    experiment = courier.client.experiment("toy")
    courier.client.create(experiment, "elsewhere", 0, {"histobench.sent": "live", "invocation": "of another store"})
    with filelock.FileLock(store / "leases" / f"run-{record.run.invocation}"):
        live.sweep(courier, experiment)
    assert len(_under_way(courier, seen)) == 2
    live.sweep(courier, experiment)
    assert [run.info.run_name for run in _under_way(courier, seen)] == ["elsewhere"]


def _under_way(courier: Courier, seen: Seen) -> list[Any]:
    runs = seen(courier.target.uri, everything=True)
    return [run for run in runs if run.data.tags.get("histobench.sent") == "live"]


@pytest.fixture
def log(store: Path, record: Record, monkeypatch: pytest.MonkeyPatch) -> EventLog:
    """The event log of the record's invocation, and no waiting between points."""
    monkeypatch.setattr(live, "_AFTER_S", 0.0)
    monkeypatch.setattr(live, "_EVERY_S", 0.0)
    return EventLog(store / "events" / f"{record.run.invocation}.jsonl")
