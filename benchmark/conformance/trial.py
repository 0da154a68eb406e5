"""A generator on trial: fitted on a few images in a store of its own, then sampled in several ways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from benchmark.events.log import EventLog
from benchmark.execution.desk import Desk, Toolbox
from benchmark.execution.report import Silent
from benchmark.execution.stages import sample
from benchmark.execution.worker import Worker
from benchmark.plan.planner import Cell
from benchmark.plan.steps import SampleConfig, Step
from benchmark.session import Choice, make_plan
from benchmark.store.store import Result, Store

_COUNT = 24
"""Images of a trial."""


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
    _results: dict[str, Result]

    @classmethod
    def prepare(cls, choice: Choice, name: str, folder: Path) -> Trial:
        """Make the data and fit the generator, on the suite's smallest trial."""
        store = Store(folder / "store")
        plan = make_plan(replace(choice, generators=(name,), limit=_COUNT), store)
        events = EventLog(folder / "events.jsonl")
        device = plan.steps[0].platform.device
        worker = Worker(store, Toolbox(device), events, Silent(), "validate")
        return cls(cell=plan.cells[0], worker=worker, count=plan.suite.n, _results={})

    def fresh(self) -> Trial:
        """Return the same trial with a newly made generator object."""
        return replace(self, worker=replace(self.worker, toolbox=Toolbox(self.worker.toolbox.device)))

    @property
    def labels(self) -> NDArray[np.int64]:
        """Return the labels of all requests."""
        desk = self._desk(self.cell.shards[0])
        return sample.requests_of(desk).labels

    def sample(self, start: int, stop: int) -> Drawn:
        """Return the images of the requests `start` to `stop`, checked as in a run."""
        shard = self.cell.shards[0]
        config = cast(SampleConfig, shard.config).model_copy(update={"start": start, "stop": stop})
        images, prompts, _ = sample.draw(self._desk(replace(shard, config=config)))
        return Drawn(images, prompts)

    def _desk(self, step: Step) -> Desk:
        inputs = {name: self._obtain(inner) for name, inner in step.inputs.items()}
        folder = self.worker.store.root / "trial"
        (folder / "scratch").mkdir(parents=True, exist_ok=True)
        toolbox, reporter = self.worker.toolbox, self.worker.reporter
        return Desk(step, inputs, folder, folder / "scratch", toolbox, reporter.advance, lambda *_: None)

    def _obtain(self, step: Step) -> Result:
        if step.key not in self._results:
            inputs = {name: self._obtain(inner) for name, inner in step.inputs.items()}
            self._results[step.key] = self.worker.obtain(step, inputs, 1, 1)
        return self._results[step.key]
