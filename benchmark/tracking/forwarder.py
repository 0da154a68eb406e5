"""The forwarder: one thread of a run that has its records sent to MLflow, and never lets a result wait for it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmark.errors import plain
from benchmark.events.log import Event
from benchmark.tracking import probe, target
from benchmark.tracking.journal import Tail
from benchmark.tracking.ledger import Ledger
from benchmark.tracking.target import Target

PATIENCE_S = 5.0
"""After the run: time between the questions whether the server lives; the first is asked at once."""
PROBE_S = 3.0
"""How long an answer may take. With the patience it stays below the 10 s a dead server may cost."""
LIMIT_S = 60.0
"""After the run: how long the sender may be silent though the server lives."""
_POLL_S = 0.2
_SILENT: set[str] = set()
"""Servers this process has waited for in vain: a command of several suites waits once."""


@contextmanager
def following(place: Target | None, log: Path, *, data_root: Path | None, quiet: bool) -> Iterator[None]:
    """Have the records of an event log sent while the block runs; wait for what is left when it ends.

    Args:
        place: Where to send to; None sends nothing.
        log: The invocation's event log.
        data_root: Folder of the real images, where the user named one.
        quiet: Whether only trouble is worth a line.
    """
    if place is None:
        yield
        return
    forwarder = Forwarder(place, log, data_root)
    forwarder.start()
    try:
        yield
        # The results are on the screen before anyone waits for a server.
        sys.stdout.flush()
    except BaseException:
        forwarder.abandon()
        raise
    forwarder.finish(lambda text: print(plain(text), file=sys.stderr, flush=True), quiet=quiet)


class Forwarder:
    """Watches an event log and starts the sender once there is something to send."""

    def __init__(self, place: Target, log: Path, data_root: Path | None) -> None:
        """Start nothing yet."""
        self._target, self._log, self._data_root = place, log, data_root
        self._ledger = Ledger(place)
        self._thread = threading.Thread(target=self._work, name="tracking", daemon=True)
        self._ending = threading.Event()
        self._sender: subprocess.Popen[str] | None = None
        self._hearing: threading.Thread | None = None
        self._records: dict[str, None] = {}
        self._heard = time.monotonic()
        self._trouble: str | None = None
        self._abandoned = False

    def start(self) -> None:
        """Start watching."""
        self._thread.start()

    def abandon(self) -> None:
        """Stop at once; what was not sent is sent by the next run or by ``bench track``."""
        self._abandoned = True
        self._ending.set()
        self._kill()

    def finish(self, say: Callable[[str], None], *, quiet: bool) -> None:
        """Wait until all is sent, or until there is no point in waiting; say how it ended.

        Args:
            say: Takes a line for people.
            quiet: Whether only trouble is said.
        """
        self._ending.set()
        with contextlib.suppress(KeyboardInterrupt):
            self._wait(say)
        self._kill()
        known = len([digest for digest in self._records if digest in self._ledger])
        self._ledger.reload()
        unsent = [digest for digest in self._records if digest not in self._ledger]
        sent = len(self._records) - len(unsent) - known
        if unsent:
            reason = self._trouble or "sending was not finished"
            say(
                f"MLflow: {len(unsent)} of {len(self._records)} results were not sent to {self._target.shown} "
                f"({reason}). They are safe in the store; send them with:\n  {self._target.command(self._data_root)}"
            )
        elif sent and not quiet:
            say(f"MLflow: {sent} results sent to {self._target.shown}.")

    def _work(self) -> None:
        """Watch the log; run the sender from the first event on that makes it needed."""
        tail = Tail(self._log)
        while True:
            last = self._ending.is_set()
            called = [self._calls(event) for event in tail.new()]
            if any(called) and self._sender is None and not self._abandoned:
                self._begin()
            if last:
                break
            self._ending.wait(_POLL_S)
        if self._hearing is not None:
            # Its last words are read before the run asks how it went.
            self._hearing.join()

    def _calls(self, event: Event) -> bool:
        """Tell whether an event means that there is, or will be, something to send."""
        if event.kind == "record":
            self._records[event.data["digest"]] = None
            return event.data["digest"] not in self._ledger
        return event.kind == "step_started"

    def _begin(self) -> None:
        if self._target.uri in _SILENT:
            self._trouble = "it did not answer a moment ago"
            return
        command = [sys.executable, "-P", "-m", "benchmark.tracking.sender"]
        command += ["--store", str(self._target.store), "--log", str(self._log)]
        command += ["--data-root", str(self._data_root)] if self._data_root is not None else []
        try:
            # A session of its own keeps Ctrl-C from reaching it in the middle of a row.
            self._sender = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                start_new_session=True,
                env={**os.environ, target.VARIABLE: self._target.uri, "CUDA_VISIBLE_DEVICES": ""},
            )  # fmt: skip
        except OSError as error:
            self._trouble = f"the sender could not be started: {error}"
            return
        self._hearing = threading.Thread(target=self._hear, args=(self._sender,), daemon=True)
        self._hearing.start()

    def _hear(self, sender: subprocess.Popen[str]) -> None:
        """Listen to the sender until it ends."""
        assert sender.stdout is not None
        what = ""
        for line in sender.stdout:
            said = json.loads(line)
            what, self._heard = said["what"], time.monotonic()
            if what != "end":  # Which says nothing of how it went.
                self._trouble = said.get("why")
        if what != "end":
            self._trouble = self._trouble or f"the sender broke off with status {sender.wait()}"

    def _wait(self, say: Callable[[str], None]) -> None:
        """Wait for the sender; give up where the server is dead, and on a sender that is silent for too long."""
        begun = question = time.monotonic()
        told = False
        self._thread.join(0.1)
        while self._thread.is_alive():
            silent = time.monotonic() - max(begun, self._heard)
            if time.monotonic() >= question:
                if not probe.answers(self._target, within_s=PROBE_S):
                    _SILENT.add(self._target.uri)
                    self._trouble = self._trouble or "it does not answer"
                    return
                question = time.monotonic() + PATIENCE_S
            if silent > LIMIT_S:
                self._trouble = self._trouble or f"it took nothing for {LIMIT_S:.0f} s"
                return
            if time.monotonic() - begun > PATIENCE_S and not told:
                say(f"MLflow: still sending to {self._target.shown}; Ctrl-C leaves the rest for later.")
                told = True
            self._thread.join(0.1)

    def _kill(self) -> None:
        if self._sender is not None and self._sender.poll() is None:
            self._sender.kill()
            self._sender.wait()
