"""Ctrl-C and SIGTERM, remembered: the exception that a signal raises can get lost in a library.

``numpy.fromfile``, and so ``numpy.load``, clears a `KeyboardInterrupt` that rises while it takes the file's descriptor,
and raises a `TypeError` of its own. Without a memory such a run would go on with one step failed.
"""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

_arrived = threading.Event()
_registered: list[bool] = []


def listen() -> None:
    """Remember SIGINT and SIGTERM from now on; each still raises `KeyboardInterrupt` in the main thread.

    Where the process was started with SIGINT ignored, as a shell does for what it runs in the background, it stays so.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _stop)
    # What schedulers and containers end a run with stops it as Ctrl-C does.
    signal.signal(signal.SIGTERM, _stop)
    if not _registered:
        os.register_at_fork(after_in_child=_forget)
        _registered.append(True)


def check() -> None:
    """Raise `KeyboardInterrupt` where a signal has arrived, even where a library has swallowed its exception."""
    if _arrived.is_set():
        raise KeyboardInterrupt


def _forget() -> None:
    """Let a forked process, such as a worker of a pool, be ended as any other.

    Pools end their workers with SIGTERM. Where a library swallows the exception that it would raise, a worker goes on
    to its next task, which never comes.
    """
    _arrived.clear()
    if signal.getsignal(signal.SIGTERM) is _stop:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is _stop:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _stop(_number: int, _frame: FrameType | None) -> None:
    _arrived.set()
    raise KeyboardInterrupt
