"""What an invocation tells the person who waits for it."""

from __future__ import annotations

from typing import Protocol

from benchmark.plan.steps import Step
from benchmark.records.schema import Record


class Reporter(Protocol):
    """Shows the course of a run."""

    def begin(self, step: Step, position: int, total: int) -> None:
        """A step starts; it is the `position`-th of `total`."""
        ...

    def advance(self, done: int, total: int, note: str = "") -> None:
        """The running step is `done` of `total` units far."""
        ...

    def wait(self, step: Step) -> None:
        """Another worker is at this step; this one waits for it."""
        ...

    def end(self, step: Step, *, reused: bool) -> None:
        """A step is there."""
        ...

    def fail(self, step: Step, error: Exception) -> None:
        """A step failed."""
        ...

    def warn(self, text: str) -> None:
        """Something a reader should know."""
        ...

    def record(self, record: Record) -> None:
        """A record was written."""
        ...


class Silent:
    """Shows nothing."""

    def begin(self, step: Step, position: int, total: int) -> None:
        """Ignore."""

    def advance(self, done: int, total: int, note: str = "") -> None:
        """Ignore."""

    def wait(self, step: Step) -> None:
        """Ignore."""

    def end(self, step: Step, *, reused: bool) -> None:
        """Ignore."""

    def fail(self, step: Step, error: Exception) -> None:
        """Ignore."""

    def warn(self, text: str) -> None:
        """Ignore."""

    def record(self, record: Record) -> None:
        """Ignore."""
