"""How many threads numerical libraries may use."""

from __future__ import annotations

import os


def count() -> int:
    """Return the threads this process may use: ``OMP_NUM_THREADS``, or the cores given to it."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
