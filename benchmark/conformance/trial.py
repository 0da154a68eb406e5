"""A generator on trial: fitted on a few images in a store of its own, then sampled in several ways."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from benchmark.events.log import EventLog
from benchmark.execution.desk import Desk, Toolbox
from benchmark.execution.report import Silent
from benchmark.execution.stages import fit, sample
from benchmark.execution.worker import Worker
from benchmark.plan.planner import Cell
from benchmark.plan.steps import FitConfig, SampleConfig, Step
from benchmark.session import Choice, make_plan
from benchmark.store import manifest as manifests
from benchmark.store.store import Result, Store

_COUNT = 24
"""Images drawn at once in a trial."""

_REAL = 128
"""Real images a role has in a trial at most: enough for the clusters and the labels of any variant."""

_STOPS = 3
"""Phases of a fit that are stopped at most."""


class Drawn(NamedTuple):
    """What a sampling gave."""

    images: NDArray[np.uint8]
    prompts: list[str]


@dataclass(frozen=True)
class Trial:
    """One generator, its data and its fit."""

    cell: Cell
    worker: Worker
    count: int
    choice: Choice
    """Suite whose data it is tried on."""
    folder: Path
    """Where all that it makes lies."""
    _results: dict[str, Result]

    @classmethod
    def prepare(cls, choice: Choice, name: str, folder: Path) -> Trial:
        """Make the data and fit the generator, on the suite's smallest trial; what lies in the folder is reused."""
        store = Store(folder / "store")
        plan = make_plan(replace(choice, generators=(name,), limit=_REAL), store.digest_of, store.digest_of_files)
        events = EventLog(folder / f"events-{os.getpid()}.jsonl")
        device = plan.steps[0].platform.device
        worker = Worker(store, Toolbox(device), events, Silent(), "validate")
        count = min(plan.suite.n, _COUNT)
        return cls(cell=plan.cells[0], worker=worker, count=count, choice=choice, folder=folder, _results={})

    @property
    def name(self) -> str:
        """Return the generator's name."""
        return self.cell.variant.name

    def fresh(self) -> Trial:
        """Return the same trial with a newly made generator object."""
        return replace(self, worker=replace(self.worker, toolbox=Toolbox(self.worker.toolbox.device)))

    def resumed(self) -> Trial:
        """Return a fresh trial whose fit was stopped half-way through each of its phases, and taken up again."""
        trial, step = self.fresh(), cast(Step, self.cell.fit)
        work = self.worker.store.root / "resumed"
        desk, out, stopper = trial._desk(step, work), work / "out", _Stopper()
        while True:
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            try:
                fit.run(replace(desk, out=out, toolbox=Toolbox(desk.toolbox.device), progress=stopper))
                break
            except _Stopped:
                continue
        found = replace(trial._obtain(step), folder=out)
        return replace(trial, _results={**self._results, step.key: found})

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the class names of the dataset."""
        return self._shard_desk().dataset().classes

    @property
    def labels(self) -> NDArray[np.int64]:
        """Return the labels of the requests that are drawn at once."""
        return sample.requests_of(self._shard_desk()).labels[: self.count]

    def learnt(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Return the real images that the generator was fitted on, and their labels."""
        step = cast(Step, self.cell.fit)
        images = self._desk(step, self._folder).dataset().role(cast(FitConfig, step.config).on)
        return images.read(0, len(images)), images.labels

    def changed_files(self) -> list[str]:
        """Return the files of the fit that are not as the fit left them, or that it did not leave."""
        result = self._obtain(cast(Step, self.cell.fit))
        before, after = result.manifest.files, manifests.describe_files(result.folder)
        return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))

    def sample(self, start: int, stop: int, *, later: int = 0) -> Drawn:
        """Return the images of the requests `start` to `stop`, checked as in a run.

        Args:
            start: First request.
            stop: One past the last.
            later: What is added to the user's seed; the fit stays that of the seed itself.
        """
        shard = self.cell.shards[0]
        config = cast(SampleConfig, shard.config)
        config = config.model_copy(update={"start": start, "stop": stop, "seed": config.seed + later})
        drawn = sample.draw(self._desk(replace(shard, config=config), self._folder))
        return Drawn(drawn.images, drawn.prompts)

    @property
    def _folder(self) -> Path:
        return self.worker.store.root / "trial"

    def _shard_desk(self) -> Desk:
        return self._desk(self.cell.shards[0], self._folder)

    def _desk(self, step: Step, folder: Path) -> Desk:
        inputs = {name: self._obtain(inner) for name, inner in step.inputs.items()}
        (folder / "scratch").mkdir(parents=True, exist_ok=True)
        toolbox, reporter = self.worker.toolbox, self.worker.reporter
        return Desk(step, inputs, folder, folder / "scratch", toolbox, reporter.advance, lambda *_: None)

    def _obtain(self, step: Step) -> Result:
        if step.key not in self._results:
            inputs = {name: self._obtain(inner) for name, inner in step.inputs.items()}
            self._results[step.key] = self.worker.obtain(step, inputs, 1, 1)
        return self._results[step.key]


class _Stopped(BaseException):
    """Stands for a kill: what a generator does about exceptions does not catch it."""


@dataclass
class _Stopper:
    """Stops work when it is half-way through a phase that it did not stop before."""

    _seen: set[str] = field(default_factory=set)

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """Stop, or let the work go on."""
        if 2 * done >= total and note not in self._seen and len(self._seen) < _STOPS:
            self._seen.add(note)
            raise _Stopped
