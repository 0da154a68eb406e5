"""What MLflow is told of a row, checked against the record."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.events.log import EventLog
from benchmark.records.schema import Record
from benchmark.statistics.interval import Interval
from benchmark.tracking import payload
from benchmark.tracking.journal import Journal, milliseconds
from benchmark.tracking.rows import Row


def test_numbers_bounds_and_n_come_from_the_record(record: Record, journal: Journal) -> None:
    """Value, low and high must not be swapped; N stands beside."""
    one = _with_interval(record, 2.0, 1.0, 4.0)
    told = payload.of(Row((one,)), journal)
    assert told.metrics["gap.toy-mean"] == 2.0
    assert told.metrics["gap.toy-mean.low"] == 1.0
    assert told.metrics["gap.toy-mean.high"] == 4.0
    assert told.params["n.gap.toy-mean"] == "reference 40, synthetic 40, test 80"
    assert told.tags["interval.gap.toy-mean"] == "95%, 1 to 4, by hand"


def test_refused_value_is_a_reason_and_no_number(record: Record, journal: Journal) -> None:
    """A refusal never becomes a metric."""
    refused = dataclasses.replace(record.values[0], value=None, refused="too few images", samples={"spread": 0.5})
    told = payload.of(Row((record.model_copy(update={"values": (refused,)}),)), journal)
    assert "gap.toy-mean" not in told.metrics
    assert told.metrics["gap.toy-mean.spread"] == 0.5
    assert told.tags["refused.gap.toy-mean"] == "too few images"


def test_tags_and_params_say_what_is_needed_to_judge(record: Record, journal: Journal) -> None:
    """Digest, protocol, dataset, code and parameters are the record's."""
    told = payload.of(Row((record,)), journal)
    assert told.name == "toy-fitted, seed 0"
    assert told.status == "FINISHED"
    assert told.tags["record.toy-distance"] == record.digest
    assert told.tags["suite"] == record.suite.identifier
    assert told.tags["dataset.digest"] == record.dataset.identity.digest
    assert told.tags["protocol"] == "8 px, box with antialiasing, the dataset's own codec"
    assert told.tags["protocol.digest"] == record.protocol.digest
    assert told.tags["protocol.rules"] == record.protocol.rules()
    assert told.tags["commit"] == (record.provenance.commit or "unknown")
    assert told.tags["status"] == "complete"
    assert told.tags["note.gap.toy-mean"] == "a toy has no interval"
    assert "trial" not in told.tags
    assert told.params["variant"] == "toy-fitted"
    assert told.params["resolved.noise"] == "20.0"
    assert told.params["toy-distance.resolved.scale"] == "1.0"
    assert told.metrics["wall_s/fit"] == record.run.wall_s["fit"]
    assert told.metrics["wall_s/toy-distance.measure"] == record.run.wall_s["measure"]


@pytest.mark.parametrize(("seed", "kind"), [(0, "reported"), (99, "reported"), (100, "development")])
def test_seeds_say_what_they_are_for(
    record: Record, remade: Callable[..., Record], journal: Journal, seed: int, kind: str
) -> None:
    """A development seed must never be taken for a reported one."""
    assert payload.of(Row((remade(record, seed=seed),)), journal).tags["seed.kind"] == kind


def test_trial_is_marked_in_name_tag_and_description(
    record: Record, remade: Callable[..., Record], journal: Journal
) -> None:
    """Numbers of a cut-down run cannot be taken for others."""
    told = payload.of(Row((remade(record, suite=record.suite.model_copy(update={"limit": 8})),)), journal)
    assert told.name == "toy-fitted, seed 0 (TRIAL)"
    assert told.tags["trial"] == "TRIAL: cut down to 8 images"
    assert "TRIAL" in told.tags["mlflow.note.content"]


def test_failed_record_makes_the_row_failed(record: Record, remade: Callable[..., Record], journal: Journal) -> None:
    """One failed task is enough, and the reason is there; the sound task's numbers stay."""
    failed = remade(record, task="other", status="diverged", error="fit x: Diverged: nan", values=())
    told = payload.of(Row((failed, record)), journal)
    assert told.status == "FAILED"
    assert told.tags["status"] == "diverged"
    assert told.tags["error.other"] == "fit x: Diverged: nan"
    assert "gap.toy-mean" in told.metrics


def test_tasks_that_share_a_name_are_told_apart(
    record: Record, remade: Callable[..., Record], journal: Journal
) -> None:
    """Two numbers never go under one key."""
    other = remade(record, task="other", value=99.0)
    told = payload.of(Row((other, record)), journal)
    assert told.metrics["other.gap.toy-mean"] == 99.0
    assert told.metrics["toy-distance.gap.toy-mean"] == record.values[0].value
    assert "gap.toy-mean" not in told.metrics
    different = remade(record, task="other", metric="width")
    assert {"gap.toy-mean", "width.toy-mean"} <= payload.of(Row((different, record)), journal).metrics.keys()


def test_curve_of_the_fit_is_told_in_steps(record: Record, journal: Journal) -> None:
    """The toy logs a loss of 1, 1/2 and 1/3."""
    told = payload.of(Row((record,)), journal)
    assert [(point.name, point.at) for point in told.curves] == [
        ("train/loss", 0),
        ("train/loss", 1),
        ("train/loss", 2),
    ]
    assert [point.value for point in told.curves] == pytest.approx([1, 1 / 2, 1 / 3])


def test_curve_of_a_failed_fit_is_told_too(store: Path, record: Record, remade: Callable[..., Record]) -> None:
    """The curve of a training that diverged is the one people look for, though the record names no such step."""
    log = EventLog(store / "events" / "later.jsonl")
    log.add("curve", step="fit toy-fitted, seed 0", key="K", name="loss", value=1e9, at=7)
    log.add("step_failed", step="fit toy-fitted, seed 0", key="K", error="Diverged: nan")
    journal = Journal(store)
    journal.refresh()
    failed = remade(
        record, status="diverged", error="fit toy-fitted, seed 0: Diverged: nan", values=(), steps=record.steps[:1],
        run=record.run.model_copy(update={"invocation": "later"}),
    )  # fmt: skip
    assert [(point.at, point.value) for point in payload.of(Row((failed,)), journal).curves] == [(7, 1e9)]


def test_row_lasts_from_its_own_first_step_to_its_record(record: Record, journal: Journal) -> None:
    """Shared steps, such as the dataset's, count for no row."""
    told = payload.of(Row((record,)), journal)
    course = journal.course(record.run.invocation)
    fit = next(step.key for step in record.steps if step.kind == "fit")
    assert told.started == course.steps[fit]
    assert told.started > milliseconds(record.run.started)
    assert told.ended == milliseconds(record.run.finished)


def _with_interval(record: Record, value: float, low: float, high: float) -> Record:
    interval = Interval(low=low, high=high, level=0.95, method="by hand", df=None)
    return record.model_copy(
        update={"values": (dataclasses.replace(record.values[0], value=value, interval=interval),)}
    )


@pytest.fixture
def journal(store: Path) -> Journal:
    """The journal of the store, read."""
    made = Journal(store)
    made.refresh()
    return made
