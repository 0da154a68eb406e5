"""The process that sends: it follows the event log of one invocation and alone imports MLflow.

It is a process rather than a thread of the run because MLflow imports pandas, SQLAlchemy and hundreds of modules
that the run's own steps import too: two threads that import at once can hand each other half-made modules, and a
stuck thread cannot be stopped. A process can do neither to a result.

Started by `forwarder`, with the tracking URI in the environment, where no list of processes shows it. It ends when
the log says that the run has finished, or when its standard input closes because the run is gone.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from benchmark.store.store import Store
from benchmark.tracking import probe, rows, target
from benchmark.tracking.client import Client
from benchmark.tracking.courier import Courier
from benchmark.tracking.journal import Journal, Tail
from benchmark.tracking.ledger import Ledger
from benchmark.tracking.live import Fit, Live
from benchmark.tracking.target import Target

_POLL_S = 0.2
_REST_S = 5.0
"""Pause after a failure while the run is still at work."""
_TIMEOUT_S, _RETRIES = 5, 1
"""For one answer of a server. The run at work waits for none of them."""


class Sender:
    """Sends what one event log tells of."""

    def __init__(self, place: Target, log: Path, data_root: Path | None, tell: Tell) -> None:
        """Send nothing yet; MLflow is imported by `run`."""
        self._target, self._log, self._data_root, self._tell = place, log, data_root, tell
        self._gone = threading.Event()
        self._tail, self._ended = Tail(log), False
        self._waiting: dict[Path, None] = {}
        self._courier: Courier | None = None
        self._live: Live | None = None
        self._started: Fit | None = None
        self._resting_until = 0.0

    def run(self) -> None:
        """Follow the log to its end."""
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            self._read()
            last = self._ended or self._gone.is_set()
            if last or time.monotonic() >= self._resting_until:
                sound = self._send()
                self._resting_until = 0.0 if sound else time.monotonic() + _REST_S
            if last:
                break
            self._gone.wait(_POLL_S)
        if self._live is not None and self._courier is not None and not self._waiting:
            self._live.drop()
            self._courier.journal.refresh()
            self._courier.invocations.settle()
        self._tell("end")

    def _listen(self) -> None:
        sys.stdin.read()
        self._gone.set()

    def _read(self) -> None:
        for event in self._tail.new():
            if event.kind == "record":
                self._waiting[self._target.store / event.data["path"]] = None
            if event.kind == "step_started" and event.data["stage"] == "fit":
                self._started = Fit(event.data["key"], event.data["step"])
            self._ended |= event.kind == "run_finished"

    def _send(self) -> bool:
        """Send what waits; tell whether all of it arrived."""
        # Whatever goes wrong is told and tried again: this process must not end before the run does.
        try:
            courier = self._connected()
            courier.journal.refresh()
            self._show()
        except Exception as error:
            return self._fail(error)
        sound = True
        for path in list(self._waiting):
            try:
                self._deliver(courier, path)
            except Exception as error:
                sound = self._fail(error)
                if not probe.answers(self._target, within_s=_TIMEOUT_S):
                    break
        return sound

    def _deliver(self, courier: Courier, path: Path) -> None:
        row = rows.around(path)
        if row is not None:
            courier.deliver(row)
            if self._live is not None:
                self._live.settle(row)
        del self._waiting[path]

    def _show(self) -> None:
        """Send the curves of the fit that is under way."""
        if self._live is not None:
            if self._started is not None:
                self._live.watch(self._started)
                self._started = None
            self._live.draw()

    def _fail(self, error: Exception) -> bool:
        self._tell("failing", f"{type(error).__name__}: {error}")
        return False

    def _connected(self) -> Courier:
        if self._courier is None:
            store = Store.existing(self._target.store)
            client = Client(self._target, timeout_s=_TIMEOUT_S, retries=_RETRIES)
            self._tell("sign")
            self._courier = Courier(
                target=self._target,
                client=client,
                journal=Journal(store.root),
                store=store,
                ledger=Ledger(self._target),
                data_root=self._data_root,
                sign=lambda: self._tell("sign"),
            )
            self._live = Live(self._courier, self._log.stem)
        return self._courier


class Tell:
    """Speaks to the run, one JSON object a line."""

    def __init__(self, stream: TextIO) -> None:
        """Speak into a stream."""
        self._stream = stream

    def __call__(self, what: str, why: str | None = None) -> None:
        """Say something; a run that is gone hears nothing."""
        said: dict[str, Any] = {"what": what} if why is None else {"what": what, "why": target.redact(why)[:500]}
        with contextlib.suppress(OSError):
            print(json.dumps(said), file=self._stream, flush=True)


def main() -> None:
    """Run the sender with the arguments that `forwarder` gives."""
    parser = argparse.ArgumentParser(description="Sends the records of one invocation to MLflow.")
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--data-root", type=Path)
    options = parser.parse_args()
    # What MLflow prints must not be taken for what is said to the run.
    tell = Tell(os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        place = target.resolve(options.store, os.environ.get(target.VARIABLE))
        Sender(place, options.log, options.data_root, tell).run()
    except Exception as error:
        tell("failing", f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
