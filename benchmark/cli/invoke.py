"""One invocation of a plan: space checked, parameters checked, run, results shown."""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmark.cli import display, results_table
from benchmark.errors import ExitCode
from benchmark.events.log import EventLog, now
from benchmark.execution import preflight
from benchmark.execution.desk import Toolbox
from benchmark.execution.results import Invocation
from benchmark.execution.run import Runner, exit_code
from benchmark.execution.worker import Worker
from benchmark.plan.planner import Plan
from benchmark.store import space
from benchmark.store.store import Store


def run(plan: Plan, store: Store, *, limit: int | None, quiet: bool, as_json: bool) -> ExitCode:
    """Run a plan and print its results.

    Raises:
        UserError: Before any work, if it will not fit on the disk or a variant's parameters are wrong.
    """
    missing = [step for step in plan.steps if not store.has(step.kind, step.key)]
    space.require(store.root, sum(step.bytes for step in missing))
    preflight.check(missing)
    device = plan.steps[0].platform.device
    invocation = Invocation(_name(), _command(), now(), limit, device)
    events = EventLog(store.root / "events" / f"{invocation.name}.jsonl")
    with display.reporter(quiet=quiet, total=len(plan.steps)) as reporter:
        worker = Worker(store, Toolbox(device), events, reporter, invocation.name)
        try:
            records = Runner(plan, worker, invocation).run()
        finally:
            events.close()
    results_table.show(records, as_json=as_json)
    return exit_code(records)


def _name() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def _command() -> str:
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])
