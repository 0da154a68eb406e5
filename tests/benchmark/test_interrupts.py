"""Signals, remembered where the exception they raise gets lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from benchmark import interrupts

SWALLOWED = """
import signal, sys
from benchmark import interrupts
if sys.argv[2] == "ignored":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
else:
    signal.signal(signal.SIGINT, signal.default_int_handler)
interrupts.listen()
try:
    signal.raise_signal(signal.Signals[sys.argv[1]])
    print("nothing raised")
except KeyboardInterrupt:
    print("raised")
try:
    interrupts.check()
    print("not remembered")
except KeyboardInterrupt:
    print("remembered")
"""


@pytest.mark.parametrize(
    ("sent", "sigint", "said"),
    [
        ("SIGINT", "heard", ["raised", "remembered"]),
        ("SIGTERM", "heard", ["raised", "remembered"]),
        ("SIGTERM", "ignored", ["raised", "remembered"]),
        ("SIGINT", "ignored", ["nothing raised", "not remembered"]),
    ],
)
def test_a_signal_raises_and_is_remembered(sent: str, sigint: str, said: list[str]) -> None:
    """In a process of its own; a SIGINT that the parent made ignored stays ignored."""
    done = subprocess.run([sys.executable, "-c", SWALLOWED, sent, sigint], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:-1] == said


def test_without_a_signal_nothing_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """And each check after one raises again."""
    monkeypatch.setattr(interrupts, "_arrived", threading.Event())
    interrupts.check()
    with pytest.raises(KeyboardInterrupt):
        interrupts._stop(signal.SIGINT, None)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()


FORKED = """
import os, signal, sys
from benchmark import interrupts
interrupts.listen()
interrupts.listen()
heard, said = os.pipe()
child = os.fork()
if not child:
    os.write(said, b"!")
    try:
        signal.pause()
    except KeyboardInterrupt:
        signal.pause()
    os._exit(0)
os.read(heard, 1)
os.kill(child, signal.SIGTERM)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
interrupts.check()
print(signal.getsignal(signal.SIGTERM) is interrupts._stop)
"""


def test_a_forked_process_is_ended_by_sigterm() -> None:
    """Though something in it swallows exceptions: pools end their workers so, and wait for them."""
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == [str(-signal.SIGTERM), "True"]
