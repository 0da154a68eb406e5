"""What the event logs of a store say, read bit by bit as they grow."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from benchmark.events.log import Event


class Point(NamedTuple):
    """One point of a training curve."""

    name: str
    """What is drawn, such as ``loss``."""
    value: float
    """Its value."""
    at: int
    """The training step."""
    time: int
    """When, in milliseconds since 1970."""


class Tail:
    """The events of one log, whole lines only, each once."""

    def __init__(self, path: Path) -> None:
        """Start at the log's beginning; it need not exist yet."""
        self._path = path
        self._offset = 0

    def new(self) -> list[Event]:
        """Return the events that were added since the last call."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as stream:
            stream.seek(self._offset)
            text = stream.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        return [event for line in whole.splitlines() if (event := _event(line)) is not None]


@dataclass
class Course:
    """What one invocation's log tells of its course."""

    started: dict[str, Any] = field(default_factory=dict)
    """What it was, from its first event; empty where the log holds none."""
    finished: Event | None = None
    """Its last event; None where it was cut short or still runs."""
    steps: dict[str, int] = field(default_factory=dict)
    """When each step was started, by key, in milliseconds since 1970."""
    failures: dict[str, str] = field(default_factory=dict)
    """Key of each failed step, by title."""
    last: int = 0
    """Time of its newest event, in milliseconds since 1970."""


class Journal:
    """All event logs of a store."""

    def __init__(self, store: Path) -> None:
        """Read nothing yet."""
        self._store, self._folder = store, store / "events"
        self._tails: dict[Path, Tail] = {}
        self._courses: dict[str, Course] = {}
        self._curves: dict[str, dict[tuple[str, int], Point]] = {}
        self._pictures: dict[str, dict[Path, None]] = {}

    def refresh(self) -> None:
        """Read what was added to any log."""
        for path in sorted(self._folder.glob("*.jsonl")):
            course = self._courses.setdefault(path.stem, Course())
            for event in self._tails.setdefault(path, Tail(path)).new():
                self._take(course, event)

    def course(self, invocation: str) -> Course:
        """Return what is known of an invocation; an empty course where its log is gone."""
        return self._courses.get(invocation, Course())

    def invocations(self) -> list[str]:
        """Return the names of all invocations that left a log."""
        return sorted(self._courses)

    def curve(self, key: str) -> list[Point]:
        """Return the training curves of a step. Where a resumed training repeats steps, the later points count."""
        return list(self._curves.get(key, {}).values())

    def pictures(self, key: str) -> list[Path]:
        """Return the files of a step's pictures, in the order in which they were first made."""
        return list(self._pictures.get(key, {}))

    def _take(self, course: Course, event: Event) -> None:
        data = event.data
        course.last = max(course.last, milliseconds(event.time))
        if event.kind == "curve":
            point = Point(data["name"], float(data["value"]), int(data["at"]), milliseconds(event.time))
            self._curves.setdefault(data["key"], {})[point.name, point.at] = point
        elif event.kind == "picture":
            self._pictures.setdefault(data["key"], {})[self._store / data["path"]] = None
        elif event.kind == "run_started":
            course.started = data
        elif event.kind == "step_started":
            course.steps.setdefault(data["key"], milliseconds(event.time))
        elif event.kind == "step_failed":
            course.failures[data["step"]] = data["key"]
        elif event.kind == "run_finished":
            course.finished = event


def milliseconds(time: str) -> int:
    """Return an ISO 8601 time in milliseconds since 1970."""
    return round(datetime.fromisoformat(time).timestamp() * 1000)


def _event(line: bytes) -> Event | None:
    """Return the event of a line, or None for a line that a full disk cut short."""
    try:
        data = json.loads(line)
        return Event(time=data.pop("time"), kind=data.pop("kind"), data=data)
    except (ValueError, KeyError):
        return None
