"""One invocation of a plan: space checked, parameters checked, run, results shown."""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmark.cli import display, results_table
from benchmark.events.log import EventLog, now
from benchmark.execution import preflight
from benchmark.execution.desk import Toolbox
from benchmark.execution.results import Invocation
from benchmark.execution.run import Runner
from benchmark.execution.worker import Worker
from benchmark.plan.planner import Plan
from benchmark.records.schema import Record
from benchmark.registry import discovery
from benchmark.store import lease, space
from benchmark.store.garbage import RUN_LEASE
from benchmark.store.store import Store
from benchmark.tracking import forwarder
from benchmark.tracking.target import Target


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
    missing = [step for step in plan.steps if not store.has(step.kind, step.key)]
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
