"""When to do again what takes time and is not the work itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Pace:
    """Keeps something to a share of the time."""

    def __init__(self, least_s: float, share: float) -> None:
        """Begin now.

        Args:
            least_s: Seconds between, at least; thirty times as many at most.
            share: Share of the time it may take.
        """
        self._least, self._share, self._wait = least_s, share, least_s
        self._last = time.monotonic()

    @property
    def is_due(self) -> bool:
        """Tell whether it is time."""
        return time.monotonic() - self._last > self._wait

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Measure what it takes."""
        begun = time.monotonic()
        yield
        self._last = time.monotonic()
        self._wait = max(self._least, min((self._last - begun) / self._share, 30 * self._least))
