"""Seconds of a step over several attempts."""

from __future__ import annotations

import json

import pytest

from benchmark.execution import stopwatch
from benchmark.execution.stopwatch import Stopwatch


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass when a test says so."""

    class Clock:
        now = 50.0

    monkeypatch.setattr(stopwatch.time, "perf_counter", lambda: Clock.now)
    return Clock


@pytest.fixture
def work(tmp_path):
    """The folder of a step that has a checkpoint."""
    (tmp_path / "scratch" / "unet").mkdir(parents=True)
    (tmp_path / "scratch" / "unet" / "checkpoint").touch()
    return tmp_path


def test_attempts_that_go_on_from_one_another_are_added_up(work, clock):
    """Each on a clock of its own."""
    for begun, expected in ((50.0, 7.0), (3.0, 14.0), (900.0, 21.0)):
        clock.now = begun
        watch = Stopwatch(work)
        clock.now += 7.0
        assert watch.seconds == expected
        watch.keep()


def test_an_attempt_that_left_nothing_is_no_part_of_the_step(work, clock):
    """Empty folders are nothing; its seconds come back in no later attempt."""
    (work / "scratch" / "unet" / "checkpoint").unlink()
    first = Stopwatch(work)
    clock.now += 7.0
    first.keep()
    assert Stopwatch(work).seconds == 0.0
    (work / "scratch" / "unet" / "checkpoint").touch()
    assert Stopwatch(work).seconds == 0.0


def test_seconds_are_written_now_and_then_while_progress_is_told(work, clock):
    """Not at each word, which may come a thousand times a second; every word is passed on."""
    told, written = [], []
    progress = Stopwatch(work).beside(lambda *words: told.append(words))
    for done in range(1, 13):
        clock.now += 1.0
        progress(done, 12, "steps")
        written.append(json.loads((work / stopwatch.FILE).read_text()) if (work / stopwatch.FILE).exists() else None)
    assert told == [(done, 12, "steps") for done in range(1, 13)]
    assert written == [None] * 5 + [6.0] * 6 + [12.0]


@pytest.mark.parametrize("text", ["", "{", "[1]", "true", "-1", "NaN", "Infinity", "\udc80"])
def test_a_damaged_file_costs_no_step(work, clock, text):
    """What it told is lost."""
    (work / stopwatch.FILE).write_text(text, errors="surrogateescape")
    assert Stopwatch(work).seconds == 0.0


def test_a_place_that_cannot_be_written_costs_no_step(work, clock):
    """Progress is passed on all the same, and no part of a file is left."""
    told = []
    (work / stopwatch.FILE).mkdir()
    progress = Stopwatch(work).beside(lambda *words: told.append(words))
    clock.now += 60.0
    progress(1, 2)
    assert told == [(1, 2, "")]
    assert {path.name for path in work.iterdir()} == {"scratch", stopwatch.FILE}
