"""Reading event logs as they grow."""

from __future__ import annotations

from pathlib import Path

from benchmark.events.log import EventLog
from benchmark.tracking.journal import Journal, Point, Tail, milliseconds


def test_tail_gives_each_event_once_and_waits_for_whole_lines(tmp_path: Path) -> None:
    """A line half written is read when it is whole."""
    path = tmp_path / "log.jsonl"
    tail = Tail(path)
    assert tail.new() == []
    path.write_text('{"time": "2026-01-01T00:00:00+00:00", "kind": "record", "digest": "a"}\n{"time": "2026-')
    assert [event.data for event in tail.new()] == [{"digest": "a"}]
    assert tail.new() == []
    with path.open("a") as stream:
        stream.write('01-01T00:00:01+00:00", "kind": "record", "digest": "ü"}\n')
    assert [event.data for event in tail.new()] == [{"digest": "ü"}]


def test_tail_passes_over_a_broken_line(tmp_path: Path) -> None:
    """A full disk may leave half a line in the middle of a log."""
    path = tmp_path / "log.jsonl"
    path.write_text('{"time": "t", "ki\n{"time": "t", "kind": "record", "digest": "a"}\n')
    assert [event.data for event in Tail(path).new()] == [{"digest": "a"}]


def test_journal_joins_the_curve_of_a_resumed_fit(tmp_path: Path) -> None:
    """Points come from all logs; where steps repeat, the later run's points count, and other fits are left out."""
    first = EventLog(tmp_path / "events" / "1.jsonl")
    for at, value in ((0, 9.0), (10, 5.0)):
        first.add("curve", step="fit a", key="A", name="loss", value=value, at=at)
    first.add("curve", step="fit b", key="B", name="loss", value=77.0, at=0)
    second = EventLog(tmp_path / "events" / "2.jsonl")
    for at, value in ((10, 4.0), (20, 3.0)):
        second.add("curve", step="fit a", key="A", name="loss", value=value, at=at)
    journal = Journal(tmp_path)
    journal.refresh()
    assert [(point.at, point.value) for point in journal.curve("A")] == [(0, 9.0), (10, 4.0), (20, 3.0)]
    second.add("curve", step="fit a", key="A", name="loss", value=2.0, at=30)
    journal.refresh()
    assert isinstance(journal.curve("A")[-1], Point)
    assert journal.curve("A")[-1].value == 2.0
    assert journal.curve("C") == []


def test_journal_knows_the_pictures_of_a_step(tmp_path: Path) -> None:
    """Each file once, though a resumed training makes it again."""
    for log, ats in (("1", (0, 5)), ("2", (5, 9))):
        events = EventLog(tmp_path / "events" / f"{log}.jsonl")
        for at in ats:
            events.add("picture", step="fit a", key="A", name="samples", path=f"pictures/A/samples-{at}.png", at=at)
    journal = Journal(tmp_path)
    journal.refresh()
    assert journal.pictures("A") == [tmp_path / "pictures" / "A" / f"samples-{at}.png" for at in (0, 5, 9)]
    assert journal.pictures("B") == []


def test_journal_follows_the_course_of_an_invocation(tmp_path: Path) -> None:
    """Starts, failures and the end are known by invocation."""
    log = EventLog(tmp_path / "events" / "call.jsonl")
    log.add("run_started", name="call", suite="toy@1-x")
    log.add("step_started", step="fit a", stage="fit", key="A")
    log.add("step_failed", step="fit a", key="A", error="ValueError: no")
    journal = Journal(tmp_path)
    journal.refresh()
    course = journal.course("call")
    assert course.started["suite"] == "toy@1-x"
    assert course.failures == {"fit a": "A"}
    assert list(course.steps) == ["A"]
    assert course.finished is None
    log.add("run_finished", complete=3, cells=4)
    journal.refresh()
    assert course.finished is not None
    assert course.finished.data == {"complete": 3, "cells": 4}
    assert course.last >= course.steps["A"]
    assert journal.invocations() == ["call"]
    assert journal.course("unknown").finished is None


def test_milliseconds() -> None:
    """ISO 8601 in UTC, milliseconds since 1970."""
    assert milliseconds("1970-01-02T00:00:00.123+00:00") == 86_400_123
