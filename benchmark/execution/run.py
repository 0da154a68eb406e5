"""Runs a plan: every cell ends as a record, whether it was measured or failed."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmark import interrupts
from benchmark.errors import ExitCode, UserError
from benchmark.execution import desk, failures, results
from benchmark.execution.failures import ContractFault
from benchmark.execution.results import Invocation
from benchmark.execution.worker import Worker
from benchmark.plan.planner import Cell, Plan
from benchmark.plan.steps import Step
from benchmark.records import files
from benchmark.records.schema import Record
from benchmark.store.store import Result


class StepFailed(Exception):
    """A step that failed, now or earlier in this run."""

    def __init__(self, step: Step, cause: Exception) -> None:
        """Keep what failed and why."""
        super().__init__(f"{step.title}: {cause}")
        self.step, self.cause = step, cause


@dataclass
class Runner:
    """Runs the cells of one plan."""

    plan: Plan
    worker: Worker
    invocation: Invocation
    _obtained: dict[str, Result] = field(default_factory=dict)
    _failed: dict[str, StepFailed] = field(default_factory=dict)

    def run(self) -> list[Record]:
        """Return the record of every cell; a failed step fails the cells that stand on it and no other.

        Raises:
            KeyboardInterrupt: If it is stopped; finished steps stay.
        """
        events = self.worker.events
        events.add("run_started", **self.invocation.describe(), suite=self.plan.suite.identifier)
        records = [self._cell(cell) for cell in self.plan.cells]
        events.add(
            "run_finished",
            complete=sum(record.status == "complete" for record in records),
            cells=len(records),
        )
        return records

    def _cell(self, cell: Cell) -> Record:
        try:
            self._require_images(cell)
            self._obtain(cell.measure)
            record = results.complete(cell, self.plan, self._obtained, self.invocation)
        except StepFailed as failure:
            record = results.failed(cell, self.plan, self._obtained, self.invocation, failure.step, failure.cause)
        path = files.write(self.worker.store.root, record)
        self.worker.events.add("record", path=str(path.relative_to(self.worker.store.root)), digest=record.digest)
        self.worker.reporter.record(record)
        return record

    def _require_images(self, cell: Cell) -> None:
        """Fail a cell that an imported reference does not do for, before anything is made for it."""
        step = cell.lacking
        if step is None or step.lacking is None:
            return
        self._obtain(cell.measure.inputs["data"])  # So that its record tells which data it would have been.
        raise self._failed.get(step.key) or self._failure(step, UserError(step.lacking))

    def _obtain(self, step: Step) -> Result:
        if step.key in self._failed:
            raise self._failed[step.key]
        if step.key not in self._obtained:
            inputs = {name: self._obtain(inner) for name, inner in step.inputs.items()}
            self._obtained[step.key] = self._attempt(step, inputs)
        return self._obtained[step.key]

    def _attempt(self, step: Step, inputs: dict[str, Result]) -> Result:
        interrupts.check()
        try:
            result = self.worker.obtain(step, inputs, len(self._obtained) + 1, len(self.plan.steps))
            if step.kind == "data":
                self._require_roles(result)
            return result
        except SystemExit as left:
            raise self._failure(step, ContractFault(failures.describe(left))) from left
        except Exception as error:
            interrupts.check()
            if isinstance(error, UserError) and step.kind == "data":
                # Every cell stands on the data: one message says it better than a row each.
                raise
            raise self._failure(step, error) from error

    def _require_roles(self, data: Result) -> None:
        """Refuse a dataset that has no image for one of the suite's roles, before anything is made of the others."""
        dataset = desk.open_dataset(self.plan.dataset, data.folder)
        for role in self.plan.suite.roles.values():
            dataset.role(role)

    def _failure(self, step: Step, error: Exception) -> StepFailed:
        failure = StepFailed(step, error)
        self._failed[step.key] = failure
        self.worker.events.add("step_failed", step=step.title, key=step.key, error=failures.describe(error))
        self.worker.reporter.fail(step, error)
        return failure


def exit_code(records: list[Record]) -> ExitCode:
    """Return the exit code of a run with these records."""
    complete = sum(record.status == "complete" for record in records)
    if complete == len(records):
        return ExitCode.COMPLETE
    return ExitCode.PARTIAL if complete else ExitCode.NOTHING
