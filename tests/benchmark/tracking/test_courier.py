"""Bringing rows to MLflow, on a real SQLite database, as MLflow's own client then finds them."""

from __future__ import annotations

import dataclasses
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.events.log import EventLog
from benchmark.records import files
from benchmark.records.schema import Record
from benchmark.statistics.interval import Interval
from benchmark.tracking import rows
from benchmark.tracking.client import Client
from benchmark.tracking.courier import Courier
from benchmark.tracking.rows import Row
from benchmark.tracking.target import Target

Seen = Callable[..., list[Any]]


def test_row_is_found_as_the_record_says(courier: Courier, place: Target, record: Record, seen: Seen) -> None:
    """Metrics with bounds, parameters, tags, curves, times and datasets equal the record's."""
    interval = Interval(low=0.25, high=0.75, level=0.95, method="by hand", df=None)
    value = dataclasses.replace(record.values[0], value=0.1 + 0.2, interval=interval)
    record = record.model_copy(update={"values": (value,)})
    assert courier.deliver(Row((record,))) == (1, 0, "sent")
    (run,) = seen(place.uri)
    assert run.data.metrics["gap.toy-mean"] == 0.1 + 0.2
    assert run.data.metrics["gap.toy-mean.low"] == 0.25
    assert run.data.metrics["gap.toy-mean.high"] == 0.75
    assert run.data.params["n.gap.toy-mean"] == "reference 40, synthetic 40, test 80"
    assert run.data.params["resolved.noise"] == str(record.variant.resolved["noise"])
    assert run.data.tags["record.toy-distance"] == record.digest
    assert run.data.tags["status"] == "complete"
    assert run.info.run_name == "toy-fitted, seed 0"
    assert run.info.status == "FINISHED"
    assert _history(place, run, "train/loss") == [(0, 1.0), (1, 0.5), (2, pytest.approx(1 / 3))]


def test_pictures_of_the_training_go_with_its_row(courier: Courier, place: Target, record: Record, seen: Seen) -> None:
    """Those of the fit that the row stands on, not of another."""
    (fit,) = (step.key for step in record.steps if step.kind == "fit")
    (place.store / "pictures").mkdir()
    events = EventLog(place.store / "events" / "later.jsonl")
    for name, key in (("mine", fit), ("other", "B")):
        (place.store / "pictures" / f"{name}.png").write_bytes(b"PNG")
        events.add("picture", step="fit", key=key, name=name, path=f"pictures/{name}.png", at=0)
    courier.journal.refresh()
    courier.deliver(Row((record,)))
    (run,) = seen(place.uri)
    found = _client(place).list_artifacts(run.info.run_id, "training")
    assert [one.path for one in found] == ["training/mine.png"]


def test_experiment_and_parent_say_what_they_are(courier: Courier, place: Target, record: Record, seen: Seen) -> None:
    """An experiment a suite, a parent an invocation; nothing tells of this machine's name or user."""
    courier.deliver(Row((record,)))
    courier.invocations.settle()
    runs = seen(place.uri, everything=True)
    parent = next(run for run in runs if run.data.tags["kind"] == "invocation")
    row = next(run for run in runs if run.data.tags["kind"] == "generator")
    assert row.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert parent.data.tags["histobench.invocation"] == record.run.invocation
    assert parent.data.tags["command"] == record.run.command
    assert parent.info.status == "FINISHED"
    assert parent.data.tags["status"] == "complete"
    assert os.uname().nodename not in str([run.data.tags for run in runs])
    experiment = _client(place).get_experiment_by_name("toy")
    assert experiment.tags["suite.version"] == "1"
    assert experiment.tags["suite.conditions"] == record.suite.identifier[-12:]
    assert experiment.tags["dataset.digest"] == record.dataset.identity.digest
    assert experiment.artifact_location == (place.store / "mlflow-artifacts" / "toy").as_uri()


def test_files_lie_beside_the_run(courier: Courier, place: Target, record: Record, seen: Seen, tmp_path: Path) -> None:
    """The record, the samples and the prompts can be fetched."""
    courier.deliver(Row((record,)))
    (run,) = seen(place.uri)
    (tmp_path / "fetched").mkdir()
    fetched = Path(_client(place).download_artifacts(run.info.run_id, "", str(tmp_path / "fetched")))
    names = sorted(str(path.relative_to(fetched)) for path in fetched.rglob("*") if path.is_file())
    assert names == ["prompts.csv", "records/toy-distance.json", "samples/0-dark.png", "samples/1-bright.png"]
    sent = (fetched / "records" / "toy-distance.json").read_bytes()
    assert sent == files.path_of(place.store, record).read_bytes()


def test_row_is_sent_once(
    courier: Courier, connect: Callable[..., Courier], place: Target, record: Record, seen: Seen
) -> None:
    """Neither this process nor another sends it again."""
    assert courier.deliver(Row((record,))).sent == 1
    assert courier.deliver(Row((record,))) == (0, 1, "sent")
    assert connect(place).deliver(Row((record,))) == (0, 1, "sent")
    assert len(seen(place.uri)) == 1
    assert record.digest in courier.ledger


def test_next_task_joins_the_row(
    courier: Courier, place: Target, record: Record, remade: Callable[..., Record], seen: Seen
) -> None:
    """Tasks end one after the other; their numbers stand side by side in one run."""
    other = remade(record, task="other", metric="width", value=5.0)
    courier.deliver(Row((record,)))
    assert courier.deliver(Row((other, record))) == (1, 1, "sent")
    (run,) = seen(place.uri)
    assert run.data.metrics["width.toy-mean"] == 5.0
    assert run.data.metrics["gap.toy-mean"] == record.values[0].value
    assert run.data.tags["record.other"] == other.digest
    assert _history(place, run, "train/loss")[0] == (0, 1.0)
    assert len(_history(place, run, "train/loss")) == 3


def test_failure_that_was_mended_joins_the_row(
    courier: Courier, place: Target, record: Record, remade: Callable[..., Record], seen: Seen
) -> None:
    """A failed task makes the run FAILED with its reason; once it is measured, the same run is FINISHED."""
    failed = remade(record, task="other", status="failed", error="measure x: OSError: no", values=())
    courier.deliver(Row((failed, record)))
    (run,) = seen(place.uri)
    assert run.info.status == "FAILED"
    assert run.data.tags["error.other"] == "measure x: OSError: no"
    courier.deliver(Row((remade(record, task="other", metric="width"), record)))
    (run,) = seen(place.uri)
    assert run.info.status == "FINISHED"
    assert run.data.tags["status"] == "complete"
    assert "error.other" not in run.data.tags
    assert "width.toy-mean" in run.data.metrics


def test_other_numbers_of_the_same_cell_are_another_run(
    courier: Courier, place: Target, record: Record, remade: Callable[..., Record], seen: Seen
) -> None:
    """Later code measured anew: the old run stays, is marked, and no record is in two current runs."""
    other = remade(record, task="other", metric="width")
    courier.deliver(Row((other, record)))
    later = remade(record, value=123.0)
    assert courier.deliver(Row((other, later))) == (1, 1, "sent")
    old, new = sorted(seen(place.uri), key=lambda run: run.data.metrics["gap.toy-mean"])
    assert new.data.metrics["gap.toy-mean"] == 123.0
    assert new.data.tags["record.other"] == other.digest
    assert old.data.metrics["gap.toy-mean"] == record.values[0].value
    assert old.data.tags["status"] == "superseded"
    assert old.data.tags["superseded.record.toy-distance"] == record.digest
    assert old.info.run_name.endswith("(superseded)")
    assert not [key for key in old.data.tags if key.startswith("record.")]
    assert courier.deliver(Row((other, later))) == (0, 2, "sent")


def test_tasks_that_share_a_metric_never_share_a_key(
    courier: Courier, place: Target, record: Record, remade: Callable[..., Record], seen: Seen
) -> None:
    """The plain key of the first task gives way to two longer ones, in a run of their own."""
    other = remade(record, task="other", value=99.0)
    courier.deliver(Row((record,)))
    courier.deliver(Row((other, record)))
    current = [run for run in seen(place.uri) if run.data.tags["histobench.sent"] == "complete"]
    assert len(current) == 1
    assert current[0].data.metrics["other.gap.toy-mean"] == 99.0
    assert current[0].data.metrics["toy-distance.gap.toy-mean"] == record.values[0].value
    assert "gap.toy-mean" not in current[0].data.metrics


def test_long_and_odd_values_arrive(courier: Courier, place: Target, record: Record, seen: Seen) -> None:
    """Hundreds of parameters, of any length and with any key, are taken by MLflow."""
    given = {f"layer {number} (π/2)": "x" * 7000 for number in range(150)}
    variant = record.variant.model_copy(update={"given": given, "resolved": given, "summary": "s" * 20_000})
    courier.deliver(Row((record.model_copy(update={"variant": variant}),)))
    (run,) = seen(place.uri)
    cut = [text for key, text in run.data.params.items() if key.startswith("given.")]
    assert len(cut) == 150
    assert all(len(text) == 6000 and text.endswith("(cut; whole in records/*.json)") for text in cut)


def test_kill_anywhere_in_a_row_leaves_it_there_once(
    place: Target, connect: Callable[..., Courier], record: Record, require_once: Callable[[str, Path], None]
) -> None:
    """Killed before its n-th word to MLflow, for every n: the next to send leaves every record there, whole, once."""
    kills = 0
    while _sends_until_killed(place, connect, Row((record,)), nth=kills):
        kills += 1
    assert kills >= 10
    _send_all(connect(place))
    require_once(place.uri, place.store)


@pytest.mark.slow
def test_kill_anywhere_in_a_later_task_leaves_the_row_there_once(
    place: Target,
    connect: Callable[..., Courier],
    record: Record,
    remade: Callable[..., Record],
    require_once: Callable[[str, Path], None],
) -> None:
    """The same while a second task joins a row that was complete."""
    other = remade(record, task="other", metric="width")
    files.write(place.store, other)
    kills = 0
    while True:
        connect(place).deliver(Row((record,)))
        if not _sends_until_killed(place, connect, Row((other, record)), nth=kills):
            break
        kills += 1
    assert kills >= 5
    _send_all(connect(place))
    require_once(place.uri, place.store)


def test_run_without_its_files_is_sent_again(
    courier: Courier, place: Target, record: Record, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers stand without their pictures; the pictures follow when the place for them is back."""
    with monkeypatch.context() as broken:
        broken.setattr(Client, "upload", _no_room)
        assert courier.deliver(Row((record,))).files == "not sent: OSError: no room"
    (run,) = seen(place.uri)
    assert run.data.tags["histobench.files"] == "not sent: OSError: no room"
    assert run.data.metrics["gap.toy-mean"] == record.values[0].value
    assert courier.deliver(Row((record,))) == (0, 1, "sent")
    (run,) = seen(place.uri)
    assert run.data.tags["histobench.files"] == "sent"
    assert {one.path for one in _client(place).list_artifacts(run.info.run_id)} == {"prompts.csv", "records", "samples"}


def test_deleted_experiment_is_named(courier: Courier, place: Target, record: Record) -> None:
    """What a user threw away is not brought back behind their back; the message says how to."""
    client = _client(place)
    client.delete_experiment(client.create_experiment("toy"))
    with pytest.raises(Exception, match="'toy' was deleted there. Restore it"):
        courier.deliver(Row((record,)))


def _send_all(courier: Courier) -> None:
    for row in rows.of(files.read_all(courier.store.root)):
        courier.deliver(row)


def _sends_until_killed(place: Target, connect: Callable[..., Courier], row: Row, *, nth: int) -> bool:
    """Deliver a row in a forked process that is SIGKILLed before its n-th call of MLflow; tell if it was."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            courier = connect(place)
            _die_before(courier.client, nth)
            courier.deliver(row)
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def _die_before(client: Client, nth: int) -> None:
    left = [nth]

    def counting(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return method(*arguments, **more)

        return call

    for name in ("create", "log", "draw", "tag", "untag", "inputs", "upload", "end", "tag_experiment", "delete"):
        setattr(client, name, counting(getattr(client, name)))


def _no_room(*_: object) -> None:
    raise OSError("no room")


def _client(place: Target) -> Any:
    import mlflow

    return mlflow.MlflowClient(tracking_uri=place.uri)


def _history(place: Target, run: Any, key: str) -> list[tuple[int, float]]:
    return sorted((one.step, one.value) for one in _client(place).get_metric_history(run.info.run_id, key))
