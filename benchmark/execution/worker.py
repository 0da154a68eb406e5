"""Obtains one step: reuses it if it is done, makes and publishes it if not."""

from __future__ import annotations

import contextlib
import math
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark import atomic, provenance, threads
from benchmark.contracts.context import Log, Picture
from benchmark.events.log import EventLog, now
from benchmark.execution.desk import Desk, Toolbox
from benchmark.execution.report import Reporter
from benchmark.execution.stopwatch import Stopwatch, can_go_on
from benchmark.plan.steps import Step
from benchmark.store import lease
from benchmark.store import manifest as manifests
from benchmark.store.manifest import Manifest, RunEntry
from benchmark.store.store import Damaged, Result, Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Worker:
    """Makes steps in a store, one at a time."""

    store: Store
    toolbox: Toolbox
    events: EventLog
    reporter: Reporter
    invocation: str

    def obtain(self, step: Step, inputs: Mapping[str, Result], position: int, total: int) -> Result:
        """Return a step's output, making it unless it is there.

        Args:
            step: What to obtain.
            inputs: The outputs of its inputs.
            position: Its place among the steps of this run, for people.
            total: How many steps this run has.

        Returns:
            The output, checked.
        """
        if (found := self._find(step, held=False)) is not None:
            return self._reused(step, found)
        with lease.hold(self.store.root / "leases" / step.key, waiting=lambda: self.reporter.wait(step)):
            if (found := self._find(step, held=True)) is not None:
                return self._reused(step, found)
            self.reporter.begin(step, position, total)
            self.events.add("step_started", step=step.title, stage=step.kind, key=step.key)
            result = self._make(step, inputs)
        self.events.add("step_finished", step=step.title, stage=step.kind, key=step.key, digest=result.manifest.digest)
        self.reporter.end(step, reused=False)
        return result

    def _find(self, step: Step, *, held: bool) -> Result | None:
        """Return a finished step; only the holder of its lease sets it aside, lest it be one made again since."""
        try:
            return self.store.read(step.kind, step.key)
        except Damaged as error:
            if not held:
                return None
            aside = self.store.set_aside(step.kind, step.key)
            self.reporter.warn(f"{error}. It is set aside in {aside} and made again.")
            return None

    def _reused(self, step: Step, found: Result) -> Result:
        self.events.add("step_reused", step=step.title, stage=step.kind, key=step.key, digest=found.manifest.digest)
        self.reporter.end(step, reused=True)
        return found

    def _make(self, step: Step, inputs: Mapping[str, Result]) -> Result:
        from benchmark.execution import stages

        work = self.store.work_folder(step.key)
        out, scratch = work / "out", work / "scratch"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        scratch.mkdir(exist_ok=True)
        started, watch = now(), Stopwatch(work)
        progress = watch.beside(self.reporter.advance)
        desk = Desk(step, inputs, out, scratch, self.toolbox, progress, self._log(step), self._picture(step))
        try:
            stages.RUN[step.kind](desk)
            result = self.store.publish(self._manifest(desk, started, watch.seconds), out)
        except BaseException:
            # A full disk must not stay full of what nobody can use; checkpoints stay for the resume.
            with contextlib.suppress(OSError):
                shutil.rmtree(out if can_go_on(work) else work)
            if work.exists():
                watch.keep()
            raise
        shutil.rmtree(work)
        return result

    def _manifest(self, desk: Desk, started: str, wall_s: float) -> Manifest:
        step, files = desk.step, manifests.describe_files(desk.out)
        collected = provenance.collect(device=self.toolbox.device, threads=threads.count())
        return Manifest(
            kind=step.kind,
            title=step.title,
            key=step.key,
            recipe=step.recipe,
            files=files,
            digest=manifests.digest_of(files),
            run=RunEntry(invocation=self.invocation, started=started, wall_s=wall_s, provenance=collected),
        )

    def _log(self, step: Step) -> Log:
        def log(name: str, value: float, at: int) -> None:
            # Authors hand over NumPy's and torch's numbers; JSON has no word for one that is not finite.
            number = float(value) if math.isfinite(value) else None
            self.events.add("curve", step=step.title, key=step.key, name=name, value=number, at=int(at))

        return log

    def _picture(self, step: Step) -> Picture:
        def picture(name: str, pixels: NDArray[np.uint8], at: int) -> None:
            from benchmark.artifacts import pictures

            path = Path("pictures") / step.key / f"{pictures.file_name(name)}-{int(at):07d}.png"
            # A picture is never worth a result: a full disk costs this one alone.
            with contextlib.suppress(OSError):
                atomic.write_bytes(self.store.root / path, pictures.png(pixels))
                self.events.add("picture", step=step.title, key=step.key, name=name, path=path.as_posix(), at=int(at))

        return picture
