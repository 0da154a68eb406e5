"""The event log: whole lines, whoever writes them and whenever the writer is killed."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import re
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmark.events import log
from benchmark.events.log import Event, EventLog


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log's file, in a folder that is not there yet."""
    return tmp_path / "events" / "one.jsonl"


def data(path: Path) -> list[dict]:
    return [event.data for event in log.read(path)]


def test_events_read_back_in_order(path):
    """What happened, when, and the particulars."""
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    events = EventLog(path)
    events.add("run_started", suite="toy", seeds=[0, 1], limit=None)
    events.add("curve", name="Verlust é", value=0.5, at=3)
    events.close()
    first, second = log.read(path)
    assert (first.kind, first.data) == ("run_started", {"suite": "toy", "seeds": [0, 1], "limit": None})
    assert (second.kind, second.data) == ("curve", {"name": "Verlust é", "value": 0.5, "at": 3})
    times = [before, *(datetime.fromisoformat(event.time) for event in (first, second)), datetime.now(UTC)]
    assert times == sorted(times)


def test_a_time_is_utc_to_the_millisecond():
    """So that times of unlike machines sort as text."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", log.now())


def test_an_event_can_be_read_at_once(path):
    """Others follow the log while it is written."""
    events = EventLog(path)
    events.add("step_started", step="a")
    assert data(path) == [{"step": "a"}]
    events.add("step_finished", step="a")
    assert data(path) == [{"step": "a"}, {"step": "a"}]
    events.close()


def test_a_log_is_one_json_object_a_line(path):
    """Line ends within a text do not end the line."""
    events = EventLog(path)
    events.add("step_failed", error="first\nsecond\u2028third\r\n")
    events.close()
    (line,) = path.read_bytes().splitlines()
    assert list(json.loads(line)) == ["time", "kind", "error"]
    assert data(path) == [{"error": "first\nsecond\u2028third\r\n"}]


def test_a_log_that_is_there_is_continued(path):
    """Nothing in it is written again."""
    for number in range(2):
        events = EventLog(path)
        events.add("record", number=number)
        events.close()
    assert data(path) == [{"number": 0}, {"number": 1}]


def test_an_empty_log_has_no_events(path):
    """A run killed before its first word."""
    EventLog(path).close()
    assert list(log.read(path)) == []


@pytest.mark.parametrize("value", [math.nan, math.inf, {1, 2}, Path("x")])
def test_what_json_cannot_hold_is_refused_and_leaves_no_trace(path, value):
    """The log can be gone on with."""
    events = EventLog(path)
    with pytest.raises((ValueError, TypeError)):
        events.add("curve", value=value)
    events.add("curve", value=1.0)
    events.close()
    assert data(path) == [{"value": 1.0}]


def test_a_closed_log_takes_nothing(path):
    """An event after the end is a mistake, not a loss nobody sees."""
    events = EventLog(path)
    events.close()
    with pytest.raises(ValueError, match="closed file"):
        events.add("record")
    assert list(log.read(path)) == []


@pytest.fixture
def hasty():
    """Threads take turns a thousand times as often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_threads_write_whole_lines(path):
    """Four at once: no line is mixed, none lost, each thread's in its order."""
    events = EventLog(path)
    begin = threading.Barrier(4)

    def work(thread: int) -> None:
        begin.wait(60)
        for number in range(100):
            events.add("curve", thread=thread, number=number, text="x" * 3000 * thread)

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events.close()
    found = data(path)
    assert len(found) == 400
    for thread in range(4):
        assert [one["number"] for one in found if one["thread"] == thread] == list(range(100))


def test_a_killed_writer_loses_nothing_it_has_said(path):
    """Each event is handed over at once; nothing waits for a close that never comes."""

    def work() -> None:
        events = EventLog(path)
        for number in range(5):
            events.add("curve", number=number)
        os.kill(os.getpid(), signal.SIGKILL)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert data(path) == [{"number": number} for number in range(5)]


def test_a_last_line_cut_short_anywhere_is_left_out(path):
    """At every byte, within a letter of several bytes too; all lines before it stay."""
    events = EventLog(path)
    events.add("curve", number=1)
    length = path.stat().st_size
    events.add("curve", name="ß€😀")
    events.close()
    whole = path.read_bytes()
    for stop in range(length, len(whole) - 1):
        path.write_bytes(whole[:stop])
        assert data(path) == [{"number": 1}], f"cut at byte {stop}"
    path.write_bytes(whole[:-1])
    assert data(path) == [{"number": 1}, {"name": "ß€😀"}]


def test_nothing_is_read_past_a_damaged_line(path):
    """What follows may not follow from what came before."""
    events = EventLog(path)
    for number in range(3):
        events.add("curve", number=number)
    events.close()
    first, second, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second[:10] + b"\n" + third)
    assert data(path) == [{"number": 0}]


def test_events_are_told_one_by_one(path):
    """A long log is not held in memory."""
    events = EventLog(path)
    events.add("record", number=1)
    reading = log.read(path)
    assert next(reading).data == {"number": 1}
    events.add("record", number=2)
    assert isinstance(next(reading), Event)
    events.close()


def test_a_place_that_cannot_be_written_is_an_error(tmp_path):
    """Before the first event, not at some later one."""
    (tmp_path / "file").write_text("")
    with pytest.raises((NotADirectoryError, FileExistsError)):
        EventLog(tmp_path / "file" / "one.jsonl")


def test_a_log_that_is_not_there_is_an_error(tmp_path):
    """No log is not the same as a log without events."""
    with pytest.raises(FileNotFoundError):
        list(log.read(tmp_path / "none.jsonl"))
