"""How long a step took, over a kill and over what went on from there."""

from __future__ import annotations

import contextlib
import json
import math
import time
from pathlib import Path

from benchmark import atomic
from benchmark.contracts.progress import Progress

FILE = "seconds.json"
"""Beside the step's scratch folder."""
EVERY_S = 5.0
"""Seconds between two times that it is written."""


class Stopwatch:
    """Seconds of an attempt at a step, and of earlier ones that left something in scratch to go on from.

    An attempt that left nothing there is begun anew, and its seconds are no part of the step. Those of one that was
    killed are known up to the last time it told how far it was, within `EVERY_S`. Work since its last checkpoint is
    done twice, and counted twice: it is time spent, not time an undisturbed step would have taken.
    """

    def __init__(self, work: Path) -> None:
        """Start it.

        Args:
            work: The step's folder of work, in which ``scratch`` lies.
        """
        self._file = work / FILE
        goes_on = can_go_on(work)
        self._before = _read(self._file) if goes_on else 0.0
        self._begun = self._kept = time.perf_counter()
        if not goes_on:
            # Or a kill before the first time it is written would leave those of an attempt that is no part of it.
            self._file.unlink(missing_ok=True)

    @property
    def seconds(self) -> float:
        """Return the seconds so far."""
        return self._before + time.perf_counter() - self._begun

    def keep(self) -> None:
        """Write the seconds down. They are worth no result: where the disk is full they are lost."""
        with contextlib.suppress(OSError):
            atomic.write_json(self._file, self.seconds)
        self._kept = time.perf_counter()

    def beside(self, progress: Progress) -> Progress:
        """Return what tells progress on, and writes the seconds down now and then."""

        def told(done: int, total: int, note: str = "") -> None:
            if time.perf_counter() - self._kept > EVERY_S:
                self.keep()
            progress(done, total, note)

        return told


def can_go_on(work: Path) -> bool:
    """Return whether an attempt left something in the scratch folder of `work`. Empty folders are nothing."""
    return any(path.is_file() for path in (work / "scratch").rglob("*"))


def _read(path: Path) -> float:
    """Return the seconds that were written; none where there are none, or a file was tampered with."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return 0.0
    return float(found) if type(found) in (int, float) and 0 <= found < math.inf else 0.0
