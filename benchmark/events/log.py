"""The event log: one JSON object a line, appended, flushed, never rewritten."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

Kind = Literal[
    "run_started",
    "step_started",
    "step_reused",
    "step_finished",
    "step_failed",
    "curve",
    "picture",
    "record",
    "run_finished",
]
"""Everything that is worth telling a tracker."""


class Event(NamedTuple):
    """One line of the log."""

    time: str
    """When, ISO 8601, UTC."""
    kind: Kind
    """What happened."""
    data: dict[str, Any]
    """The particulars."""


class EventLog:
    """Appends the events of one invocation."""

    def __init__(self, path: Path) -> None:
        """Open the log; a new invocation has a new file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._stream = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def add(self, kind: Kind, **data: Any) -> None:
        """Append an event."""
        line = json.dumps({"time": now(), "kind": kind, **data}, ensure_ascii=False, allow_nan=False)
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def read(path: Path) -> Iterator[Event]:
    """Yield the events of a log; a last line cut short by a kill, within a letter too, is left out."""
    with path.open(encoding="utf-8", errors="replace") as stream:
        for line in stream:
            try:
                data = json.loads(line)
            except ValueError:
                return
            yield Event(time=data.pop("time"), kind=data.pop("kind"), data=data)


def now() -> str:
    """Return the time, ISO 8601, UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
