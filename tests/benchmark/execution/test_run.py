"""Running a plan: every cell ends as a record, and a failed step fails the cells that stand on it and no other."""

from __future__ import annotations

import json
import signal
import threading

import pytest
from toybench.data import Toy
from toybench.measure import Distance

from benchmark import interrupts
from benchmark.errors import ExitCode, UserError
from benchmark.events import log
from benchmark.execution.results import Invocation
from benchmark.execution.run import Runner, StepFailed, exit_code
from benchmark.records import files
from benchmark.registry import discovery

INVOCATION = Invocation("20260101T000000-abcdef", "bench run --suite toy", "2026-01-01T00:00:00.000+00:00", None, "cpu")
GENERATORS = """
import signal
import sys
TRIED = []
class Mine:
    def __init__(self, how): self.how = how
    def sample(self, requests, context):
        if self.how == 'exit': sys.exit(3)
        if self.how == 'stop': raise KeyboardInterrupt
        if self.how in ('lost', 'swallowed'):
            try: signal.raise_signal(signal.SIGTERM)
            except KeyboardInterrupt: pass
        if self.how == 'lost': raise TypeError('what numpy makes of it')
        if self.how == 'mistake': context.images('test')
        if self.how == 'once' and not TRIED:
            TRIED.append(True)
            raise OSError(28, 'No space left on device')
        if self.how == 'bytes': raise ValueError('caf\\udce9')
        yield Batch(images=np.zeros((len(requests), 8, 8, 3), np.uint8))
"""


class Undecided(Toy):
    """A dataset that cannot be made, by a mistake or a bug."""

    def __init__(self, error="UserError"):
        super().__init__(8)
        self.error = error

    def make(self, folder, progress):
        raise {"UserError": UserError, "RuntimeError": RuntimeError}[self.error]("there is no such year")


@pytest.fixture
def run(worker):
    """Runs a plan and returns its records."""

    def go(plan):
        return Runner(plan, worker, INVOCATION).run()

    return go


@pytest.fixture
def mine(plan, registry):
    """Plans a generator of one's own that fails in the way it is told, after other variants or before them."""

    def make(how: str, *others: str, **more):
        entry = f"mine: {{generator: 'mine.py:Mine', summary: x, params: {{how: {how}}}}}\n"
        return plan(generators=["mine", *others], registry=registry(GENERATORS, entry), **more)

    return make


def test_every_cell_ends_as_a_record_in_the_suite_s_order(run, plan, worker, told):
    """Returned, reported and on disk."""
    records = run(plan(generators=["toy-real", "toy-plain"], seeds=[1, 0]))
    assert [(one.seed, one.variant.name, one.status) for one in records] == [
        (1, "toy-plain", "complete"), (1, "toy-real", "complete"),
        (0, "toy-plain", "complete"), (0, "toy-real", "complete"),
    ]  # fmt: skip
    assert [one for (one,) in told.of("record")] == records
    assert {one.digest for one in files.read_all(worker.store.root)} == {one.digest for one in records}


def test_shared_steps_are_obtained_once(run, plan, told):
    """Four variants on one dataset; each step is counted at its place."""
    whole = plan()
    run(whole)
    begun = told.of("begin")
    assert sorted(title for title, *_ in begun) == sorted(step.title for step in whole.steps)
    assert told.of("end") == [(title, False) for title, *_ in begun]
    assert [(place, total) for _, place, total in begun] == [(n + 1, len(whole.steps)) for n in range(len(whole.steps))]


def test_a_second_run_makes_nothing(run, plan, told):
    """And leaves the same records."""
    first = run(plan(generators=["toy-fitted"]))
    told.calls.clear()
    second = run(plan(generators=["toy-fitted"]))
    assert told.of("begin") == []
    assert all(reused for _, reused in told.of("end"))
    assert [one.digest for one in second] == [one.digest for one in first]


@pytest.mark.parametrize(
    ("name", "status", "stage", "said"),
    [
        ("toy-diverging", "diverged", "fit", "Diverged: loss is nan at step 3"),
        ("toy-raising", "failed", "sample", "RuntimeError: out of luck"),
        ("toy-filling", "no-space", "sample", "OSError: [Errno 28] No space left on device"),
        (
            "toy-peeking",
            "failed",
            "sample",
            "UserError: The generator asked for 'test', but its entry does not declare it",
        ),
        (
            "toy-few",
            "failed",
            "sample",
            "ContractFault: 40 images were asked for",
        ),
    ],
)
def test_a_failure_is_a_row_beside_complete_ones(run, plan, told, worker, name, status, stage, said):
    """Whether it comes first or last; the step's title, the error and the place are in the record."""
    records = {one.variant.name: one for one in run(plan(generators=[name, "toy-plain", "toy-fitted"]))}
    assert {one: records[one].status for one in records} == {
        name: status, "toy-plain": "complete", "toy-fitted": "complete",
    }  # fmt: skip
    assert records[name].error.startswith(f"{stage} {name}, seed 0")
    assert said in records[name].error
    assert records[name].values == ()
    ((title, error),) = told.of("fail")
    assert title.startswith(f"{stage} {name}, seed 0")
    assert said.startswith(type(error).__name__)
    assert records[name] in list(files.read_all(worker.store.root))
    assert exit_code(list(records.values())) is ExitCode.PARTIAL


@pytest.mark.usefixtures("fresh_discovery")
def test_a_failed_step_is_tried_once_and_fails_all_that_stand_on_it(run, plan, toy_suite, told):
    """Two tasks on one variant's images: one attempt, two rows with one reason."""
    discovery.tasks().register("toy-again")(type("Again", (Distance,), {}))
    suite = toy_suite(tasks={"toy-distance": {}, "toy-again": {}})
    records = run(plan(suite, generators=["toy-raising"]))
    assert [(one.task.name, one.status) for one in records] == [("toy-again", "failed"), ("toy-distance", "failed")]
    assert records[0].error == records[1].error
    assert len(told.of("fail")) == 1
    assert [title for title, *_ in told.of("begin") if title.startswith("sample")] == [
        "sample toy-raising, seed 0, images 0 to 39"
    ]


def test_a_failure_is_never_cached(run, mine, worker):
    """The next run tries again, and the record of the failure makes room for the number."""
    (failed,) = run(mine("once"))
    assert failed.status == "no-space"
    (again,) = run(mine("once"))
    assert again.status == "complete"
    assert [one.digest for one in files.read_all(worker.store.root)] == [again.digest]
    (kept,) = (worker.store.root / "records-superseded").rglob("*.json")
    assert files.read(kept).digest == failed.digest


def test_code_that_ends_the_process_ends_its_own_cell_only(run, mine):
    """The variants after it are measured; the status it left with is told."""
    records = run(mine("exit", "toy-plain"))
    assert {one.variant.name: one.status for one in records} == {"mine": "failed", "toy-plain": "complete"}
    (failed,) = (one for one in records if one.variant.name == "mine")
    assert (
        "sample mine, seed 0, images 0 to 39: ContractFault: its code ended the process with status 3 (mine.py, line "
        in failed.error
    )


def test_a_mistake_in_a_generator_s_entry_is_a_row(run, mine):
    """It is one variant's, unlike a mistake in the data."""
    (record,) = run(mine("mistake"))
    assert record.status == "failed"
    assert "Declared: (none)" in record.error


def test_a_message_that_is_no_text_is_a_row_all_the_same(run, mine, worker, events):
    """In the record and in the event log."""
    (record,) = run(mine("bytes"))
    assert r"ValueError: caf\udce9" in record.error
    assert next(iter(files.read_all(worker.store.root))).digest == record.digest
    (failed,) = (event for event in log.read(events.path) if event.kind == "step_failed")
    assert failed.data["error"].startswith(r"ValueError: caf\udce9 (mine.py, line ")


def test_ctrl_c_ends_the_run_and_keeps_what_is_done(run, mine, worker, told):
    """No record of a cell that was stopped; finished steps stay."""
    with pytest.raises(KeyboardInterrupt):
        run(mine("stop", "toy-plain"))
    assert [one.variant.name for one in files.read_all(worker.store.root)] == ["toy-plain"]
    assert {kind for kind, *_ in worker.store.objects()} == {"data", "sample", "embed", "baseline", "measure"}
    assert told.of("fail") == []


@pytest.mark.parametrize("how", ["lost", "swallowed"])
def test_a_stop_that_a_library_swallows_ends_the_run_all_the_same(run, mine, worker, told, monkeypatch, how):
    """Whether the library goes on or fails for a reason of its own; no row tells of a failure."""
    monkeypatch.setattr(interrupts, "_arrived", threading.Event())
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    interrupts.listen()
    try:
        with pytest.raises(KeyboardInterrupt):
            run(mine(how, "toy-plain"))
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
    assert [one.variant.name for one in files.read_all(worker.store.root)] == ["toy-plain"]
    assert told.of("fail") == []
    last = told.of("begin")[-1][0]
    assert last == "sample mine, seed 0, images 0 to 39"


@pytest.mark.usefixtures("fresh_discovery")
@pytest.mark.parametrize("error", ["UserError", "RuntimeError"])
def test_data_that_cannot_be_made(run, plan, toy_suite, worker, told, error):
    """A mistake ends the run with one message, since every cell stands on the data; a bug is a row each."""
    discovery.datasets().register("undecided")(Undecided)
    suite = toy_suite(dataset={"name": "undecided", "params": {"error": error}})
    whole = plan(suite, generators=["toy-plain", "toy-fitted"])
    if error == "UserError":
        with pytest.raises(UserError, match="there is no such year"):
            run(whole)
        assert list(files.read_all(worker.store.root)) == []
        return
    records = run(whole)
    assert [one.status for one in records] == ["failed", "failed"]
    assert {one.error.split(" (")[0] for one in records} == {"dataset undecided: RuntimeError: there is no such year"}
    assert len(told.of("fail")) == 1
    assert exit_code(records) is ExitCode.NOTHING


def test_the_event_log_tells_the_run_from_beginning_to_end(run, plan, events, worker):
    """Who was called how, every step, every record with its digest and where it lies, and the count."""
    records = run(plan(generators=["toy-plain", "toy-raising"]))
    told = list(log.read(events.path))
    assert told[0].kind == "run_started"
    assert told[0].data == {**INVOCATION.describe(), "suite": records[0].suite.identifier}
    assert (told[-1].kind, told[-1].data) == ("run_finished", {"complete": 1, "cells": 2})
    written = {event.data["path"]: event.data["digest"] for event in told if event.kind == "record"}
    assert written == {
        str(files.path_of(worker.store.root, one).relative_to(worker.store.root)): one.digest for one in records
    }
    assert all(json.loads((worker.store.root / path).read_text())["schema_version"] == 1 for path in written)
    (failed,) = (event.data for event in told if event.kind == "step_failed")
    assert failed["step"] == "sample toy-raising, seed 0, images 0 to 39"
    assert failed["error"].startswith("RuntimeError: out of luck (generate.py, line ")
    assert len(failed["key"]) == 64


def test_a_failed_step_says_what_and_why(plan):
    """Title and cause."""
    step = plan(generators=["toy-plain"]).steps[0]
    cause = ValueError("no luck")
    failure = StepFailed(step, cause)
    assert str(failure) == "dataset toy: no luck"
    assert (failure.step, failure.cause) == (step, cause)


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        (["complete", "complete"], ExitCode.COMPLETE),
        (["complete", "failed"], ExitCode.PARTIAL),
        (["diverged", "complete", "no-space"], ExitCode.PARTIAL),
        (["diverged", "failed"], ExitCode.NOTHING),
    ],
)
def test_the_exit_code_counts_complete_cells(run, plan, statuses, code):
    """All, some, none."""
    (record,) = run(plan(generators=["toy-plain"]))
    assert exit_code([record.model_copy(update={"status": status}) for status in statuses]) is code
