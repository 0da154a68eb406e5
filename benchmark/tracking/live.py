"""The curves and pictures of a fit that is under way, in a run of their own until its row takes them over."""

from __future__ import annotations

import contextlib
import time
from typing import NamedTuple

import filelock

from benchmark.tracking import limits
from benchmark.tracking.courier import PARENT, STATE, Courier
from benchmark.tracking.invocations import Call, is_alive
from benchmark.tracking.payload import CURVES
from benchmark.tracking.rows import Row

PICTURES = "training"
"""Folder of a run's files that its pictures are in."""

_AFTER_S = 10.0
"""A fit that is done sooner needs no watching."""
_EVERY_S = 5.0


class Fit(NamedTuple):
    """A fit that was started."""

    key: str
    """Key of its step."""
    title: str
    """What people call it."""


class Live:
    """Shows the fit that an invocation is at."""

    def __init__(self, courier: Courier, invocation: str) -> None:
        """Show nothing yet."""
        self._courier, self._invocation = courier, invocation
        self._fit: Fit | None = None
        self._run: str | None = None
        self._next, self._drawn, self._shown = 0.0, 0, 0

    def watch(self, fit: Fit) -> None:
        """Take up a fit that was started just now."""
        self.drop()
        self._fit, self._drawn, self._shown, self._next = fit, 0, 0, time.monotonic() + _AFTER_S

    def draw(self) -> None:
        """Send the points and pictures that were added since the last time."""
        if self._fit is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY_S
        points = self._courier.journal.curve(self._fit.key)
        if len(points) > self._drawn:
            self._run = self._run or self._create(self._fit)
            new = points[self._drawn :]
            self._courier.client.draw(self._run, (one._replace(name=limits.key(CURVES + one.name)) for one in new))
            self._drawn = len(points)
        self._show(self._fit)

    def _show(self, fit: Fit) -> None:
        for path in self._courier.journal.pictures(fit.key)[self._shown :]:
            self._run = self._run or self._create(fit)
            # Curves go on where a server has a folder that this machine cannot write to.
            with contextlib.suppress(Exception):
                self._courier.client.send(self._run, path, PICTURES)
            self._shown += 1

    def settle(self, row: Row) -> None:
        """Remove the run if a row that stands on its fit was sent."""
        if self._fit is not None and any(step.key == self._fit.key for one in row.records for step in one.steps):
            self.drop()

    def drop(self) -> None:
        """Remove the run: the row has the curves, or will have them."""
        run, self._run, self._fit = self._run, None, None
        if run is not None:
            self._courier.client.delete(run)

    def _create(self, fit: Fit) -> str:
        courier = self._courier
        call = Call.under_way(courier.journal.course(self._invocation))
        with filelock.FileLock(courier.target.lock):
            experiment = courier.client.experiment(call.suite.rsplit("@", 1)[0])
            parent = courier.invocations.parent(experiment, call)
            tags = {PARENT: parent, STATE: "live", "kind": "fit", "invocation": call.name, "status": "under way"}
            return courier.client.create(experiment, f"{fit.title} (under way)", int(time.time() * 1000), tags)


def sweep(courier: Courier, experiment: str) -> None:
    """Remove what invocations of this store that were killed left of their fits."""
    mine = set(courier.journal.invocations())
    for run in list(courier.client.runs(experiment, f"tags.`{STATE}` = 'live'")):
        name = run.data.tags.get("invocation", "")
        if name in mine and not is_alive(courier.store.root, name):
            courier.client.delete(run.info.run_id)
