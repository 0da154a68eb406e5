"""Leases: keep two workers off one step.

The kernel holds the lock and drops it when the worker dies, however it dies, so that there is no stale lease to
judge and no clock to trust. docs/decisions says why this replaced a heartbeat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock


@contextmanager
def hold(path: Path, *, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold a lease while the block runs; wait for another worker that holds it.

    Args:
        path: The lease's file, on a file system with POSIX locks.
        waiting: Called once when there is someone to wait for.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        waiting()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
