"""One invocation of a plan: space checked, parameters checked, run, results shown."""

from __future__ import annotations

import contextlib
import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmark.cli import display, results_table
from benchmark.errors import UserError, is_full
from benchmark.events.log import EventLog, now
from benchmark.execution import failures, preflight
from benchmark.execution.desk import Toolbox
from benchmark.execution.results import Invocation
from benchmark.execution.run import Runner
from benchmark.execution.worker import Worker
from benchmark.plan.planner import Plan
from benchmark.plan.steps import Step
from benchmark.records.schema import Record
from benchmark.registry import discovery
from benchmark.store import lease, space
from benchmark.store.garbage import RUN_LEASE
from benchmark.store.store import Result, Store
from benchmark.tracking import forwarder
from benchmark.tracking.target import Target


def make(steps: Sequence[Step], store: Store, *, suite: str, quiet: bool) -> dict[str, Result]:
    """Make steps that are no part of a measurement, each after its inputs; what is finished is reused.

    Returns:
        The output of each, by key.

    Raises:
        UserError: If it will not fit on the disk, or a step fails.
    """
    space.require(store.root, sum(step.bytes for step in steps if not store.has(step.kind, step.key)))
    store.make()
    device = steps[0].platform.device
    invocation = Invocation(_name(), _command(), now(), None, device)
    events = EventLog(store.root / "events" / f"{invocation.name}.jsonl")
    under_way = lease.hold(store.root / "leases" / f"{RUN_LEASE}{invocation.name}", waiting=lambda: None)
    made: dict[str, Result] = {}
    with contextlib.closing(events), under_way, display.reporter(quiet=quiet, total=len(steps)) as reporter:
        events.add("run_started", **invocation.describe(), suite=suite)
        worker = Worker(store, Toolbox(device), events, reporter, invocation.name)
        for position, step in enumerate(steps, start=1):
            inputs = {name: made[inner.key] for name, inner in step.inputs.items()}
            try:
                made[step.key] = worker.obtain(step, inputs, position, len(steps))
            except UserError:
                raise
            except Exception as error:
                if is_full(error):
                    raise
                raise UserError(f"{step.title}: {failures.describe(error)}") from error
        events.add("run_finished", complete=0, cells=0)
    return made


def run(
    plan: Plan, store: Store, *, limit: int | None, quiet: bool, as_json: bool, tracking: Target | None = None
) -> list[Record]:
    """Run a plan and print its results, as a table unless a program is to read them.

    What it makes is sent to `tracking` meanwhile, where that is given; no result waits for it or hangs on it.

    Returns:
        The record of every cell.

    Raises:
        UserError: Before any work, if it will not fit on the disk or a variant's parameters are wrong.
        ValueError: If the plan was made to be shown, and lacks what it stands on.
    """
    if plan.absent:
        raise ValueError(f"This plan stands on what is not here, {plan.absent[0].what}: it is to be shown, not run.")
    missing = [step for step in plan.possible if not store.has(step.kind, step.key)]
    space.require(store.root, sum(step.bytes for step in missing))
    preflight.check(missing)
    store.make()
    device = plan.steps[0].platform.device
    invocation = Invocation(_name(), _command(), now(), limit, device)
    events = EventLog(store.root / "events" / f"{invocation.name}.jsonl")
    with forwarder.following(tracking, events.path, data_root=plan.dataset.root, quiet=quiet):
        under_way = lease.hold(store.root / "leases" / f"{RUN_LEASE}{invocation.name}", waiting=lambda: None)
        with under_way, display.reporter(quiet=quiet, total=len(plan.steps)) as reporter:
            worker = Worker(store, Toolbox(device), events, reporter, invocation.name)
            try:
                records = Runner(plan, worker, invocation).run()
            finally:
                events.close()
        if not as_json and not list(discovery.reports()):
            results_table.show(records)
        for entry in discovery.reports():
            text = discovery.reports().load(entry.name)(store.root, records)
            if not as_json:
                print(text)
        return records


def _name() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def _command() -> str:
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])
