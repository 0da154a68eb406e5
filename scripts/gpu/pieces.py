"""Work in pieces: a clock that ends a piece in time, and adds up what all took."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark import atomic


class OutOfTime(Exception):
    """The piece is over; the work is not."""


@dataclass
class Clock:
    """Seconds of each stage over all pieces, kept in a file, and the end of this piece."""

    path: Path
    minutes: float
    """Length of this piece."""
    _begun: float = field(default_factory=lambda: time.monotonic(), init=False)

    def check(self) -> None:
        """Raise `OutOfTime` where this piece is over."""
        if time.monotonic() - self._begun > 60 * self.minutes:
            raise OutOfTime

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add what is done inside to a stage, however it ends."""
        self.check()
        begun = time.monotonic()
        try:
            yield
        finally:
            spent = self.seconds()
            spent[name] = spent.get(name, 0.0) + time.monotonic() - begun
            atomic.write_json(self.path, spent)

    def seconds(self) -> dict[str, float]:
        """Return the seconds of all pieces by stage."""
        return dict(json.loads(self.path.read_text())) if self.path.exists() else {}


@dataclass(frozen=True)
class Curve:
    """What a training logs, kept in a file over all pieces; of a step that was taken twice, the last counts."""

    path: Path

    def add(self, name: str, value: float, step: int) -> None:
        """Write a point down."""
        with self.path.open("a") as stream:
            stream.write(json.dumps([name, step, float(value)]) + "\n")

    def points(self, name: str) -> list[tuple[int, float]]:
        """Return the points of a name by step."""
        if not self.path.exists():
            return []
        # A kill may cut the last line short.
        lines = [line for line in self.path.read_text().splitlines() if line.endswith("]")]
        found: dict[int, float] = {step: value for key, step, value in map(json.loads, lines) if key == name}
        return sorted(found.items())


def thinned(points: list[tuple[int, float]], most: int = 60) -> list[Any]:
    """Return at most so many points, means of as many neighbors each, with the last step of each."""
    size = max(1, -(-len(points) // most))
    groups = [points[start : start + size] for start in range(0, len(points), size)]
    return [[group[-1][0], round(sum(value for _, value in group) / len(group), 5)] for group in groups]
