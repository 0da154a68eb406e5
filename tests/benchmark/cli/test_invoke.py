"""One invocation of a plan."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark import digests
from benchmark.cli import invoke
from benchmark.errors import UserError
from benchmark.events import log
from benchmark.plan.planner import Plan
from benchmark.records.schema import Record
from benchmark.registry import discovery
from benchmark.registry.registry import Registry
from benchmark.session import Choice, make_plan
from benchmark.store.store import Store
from benchmark.tracking import target
from benchmark.tracking.ledger import Ledger

Plans = Callable[..., Plan]
Capture = pytest.CaptureFixture[str]


def test_every_cell_has_a_record_and_every_step_its_output(plan: Plans, store: Store) -> None:
    """In the order of the plan."""
    made = plan(generators=("toy-plain", "toy-real"))
    records = _run(made, store)
    assert [record.variant.name for record in records] == ["toy-plain", "toy-real"]
    assert {record.status for record in records} == {"complete"}
    assert all(store.has(step.kind, step.key) for step in made.steps)
    assert len(list((store.root / "records").rglob("*.json"))) == 2


def test_records_say_how_they_came_about(plan: Plans, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command as it was typed, without the folder of the program; the limit; a name that sorts by time."""
    monkeypatch.setattr(sys, "argv", ["/somewhere/bin/bench", "run", "--suite", "toy", "--limit", "8"])
    first, second = (_run(plan(generators=(name,), limit=8), store, limit=8)[0] for name in ("toy-plain", "toy-fitted"))
    assert first.run.command == "bench run --suite toy --limit 8"
    assert (first.suite.limit, first.device) == (8, "cpu")
    assert first.run.invocation[:15] <= second.run.invocation[:15]
    assert len({invoke._name() for _ in range(50)}) == 50, "two runs may begin in one second"


def test_events_are_written_from_first_to_last(plan: Plans, store: Store) -> None:
    """A log of the invocation's name."""
    (record,) = _run(plan(generators=("toy-plain",)), store)
    (path,) = (store.root / "events").glob("*.jsonl")
    kinds = [event.kind for event in log.read(path)]
    assert path.stem == record.run.invocation
    assert (kinds[0], kinds[-1]) == ("run_started", "run_finished")
    assert kinds.count("record") == 1


def test_a_run_is_known_to_be_under_way_while_it_lasts(plan: Plans, store: Store, tmp_path: Path) -> None:
    """Its own generator looks: the store may not be cleaned up then. Afterwards it may."""
    (tmp_path / "mine.py").write_text(
        "from pathlib import Path\n"
        "from benchmark.store import garbage\n"
        "from benchmark.store.store import Store\n"
        "class Mine:\n"
        "    def __init__(self, store): self.store = store\n"
        "    def sample(self, requests, context):\n"
        "        garbage.find(Store(Path(self.store)))\n"
    )
    registry = tmp_path / "mine.yaml"
    registry.write_text(f"mine: {{generator: 'mine.py:Mine', summary: x, params: {{store: '{store.root}'}}}}\n")
    (record,) = _run(plan(generators=("mine",), registry=registry), store)
    assert record.error is not None
    assert f"The run {record.run.invocation} is under way in this store" in record.error
    from benchmark.store import garbage

    assert garbage.find(Store.existing(store.root)) is not None


def test_what_will_not_fit_is_refused_before_any_work(plan: Plans, store: Store, tmp_path: Path) -> None:
    """Neither store nor event log is made."""
    registry = tmp_path / "mine.yaml"
    registry.write_text("huge: {extends: toy-fitted, summary: x, disk_mb: 1.0e+12}\n")
    with pytest.raises(UserError, match="This run needs about 1000000.* free"):
        _run(plan(generators=("huge",), registry=registry), store)
    assert not store.root.exists()


def test_only_what_is_missing_must_fit(plan: Plans, undisturbed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finished run is shown again on a disk that could not hold it twice."""
    made, needed = plan(store=undisturbed), []
    monkeypatch.setattr(invoke.space, "require", lambda folder, count: needed.append((folder, count)))
    _run(made, Store.existing(undisturbed))
    assert needed == [(undisturbed, 0)]


def test_wrong_parameters_are_refused_before_any_work(plan: Plans, store: Store, tmp_path: Path) -> None:
    """The variant and the parameter, with the nearest."""
    registry = tmp_path / "mine.yaml"
    registry.write_text("mine: {extends: toy-fitted, summary: x, params: {nose: 1.0}}\n")
    with pytest.raises(UserError, match="variant 'mine': unknown parameter 'nose'. Did you mean 'noise'"):
        _run(plan(generators=("mine",), registry=registry), store)
    assert not store.root.exists()


def test_without_reports_the_plain_table_is_printed(
    plan: Plans, store: Store, reports: Registry[Any], capfd: Capture
) -> None:
    """Unless a program reads the answer."""
    _run(plan(generators=("toy-plain",)), store)
    assert "95% interval" in capfd.readouterr().out
    _run(plan(generators=("toy-plain",)), store, as_json=True)
    assert capfd.readouterr().out == ""


def test_reports_get_the_records_and_take_the_place_of_the_table(
    plan: Plans, store: Store, reports: Registry[Any], capfd: Capture
) -> None:
    """All of them are called, in the order of their names; for a program too, but then they print nothing."""
    called = []

    def told(name: str) -> Callable[..., str]:
        return lambda place, records: called.append((name, place, [one.variant.name for one in records])) or name

    reports.register("second")(told("second"))
    reports.register("first")(told("first"))
    _run(plan(generators=("toy-plain",)), store)
    assert capfd.readouterr().out == "first\nsecond\n"
    assert called == [("first", store.root, ["toy-plain"]), ("second", store.root, ["toy-plain"])]
    _run(plan(generators=("toy-plain",)), store, as_json=True)
    assert capfd.readouterr().out == ""
    assert len(called) == 4


def test_results_are_tracked_where_they_are_told_to_be(plan: Plans, undisturbed: Path, capfd: Capture) -> None:
    """What is sent already starts nothing; a dead server is named; without a place nothing is said."""
    made, opened = plan(store=undisturbed), Store.existing(undisturbed)
    place = target.resolve(undisturbed, "http://127.0.0.1:9")
    Ledger(place).add(record.digest for record in _run(made, opened))
    assert capfd.readouterr().err == ""
    _run(made, opened, tracking=place)
    assert capfd.readouterr().err == ""
    (undisturbed / "tracking" / f"{place.identity}.sent").unlink()
    _run(made, opened, tracking=place)
    assert "4 of 4 results were not sent to http://127.0.0.1:9" in capfd.readouterr().err


def test_a_stopped_run_leaves_a_log_and_no_lease(plan: Plans, store: Store, tmp_path: Path) -> None:
    """Ctrl-C passes through; what was finished is kept."""
    (tmp_path / "mine.py").write_text(
        "class Mine:\n    def sample(self, requests, context):\n        raise KeyboardInterrupt\n"
    )
    registry = tmp_path / "mine.yaml"
    registry.write_text("mine: {generator: 'mine.py:Mine', summary: x}\n")
    made = plan(generators=("mine",), registry=registry)
    with pytest.raises(KeyboardInterrupt):
        _run(made, store)
    (path,) = (store.root / "events").glob("*.jsonl")
    events = [json.loads(line)["kind"] for line in path.read_text().splitlines()]
    assert events[0] == "run_started"
    assert "run_finished" not in events
    assert store.has("data", next(step.key for step in made.steps if step.kind == "data"))
    from benchmark.store import garbage

    assert garbage.find(Store.existing(store.root), unfinished=True), "no run is under way"


def _run(plan: Plan, store: Store, **changes: Any) -> list[Record]:
    return invoke.run(plan, store, **{"limit": None, "quiet": True, "as_json": False, **changes})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that is not made yet."""
    return Store(tmp_path / "store", make=False)


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> Registry[Any]:
    """The reports that are known, none to begin with."""
    found: Registry[Any] = Registry("report")
    monkeypatch.setattr(discovery, "reports", lambda: found)
    return found


def test_a_plan_that_is_only_to_be_shown_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands on digests of what is not here; no store is made."""
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    choice = Choice("toy", ("diffusers-pipeline",), (), None, "cpu", None, (), offline=True, to_run=False)
    made = make_plan(choice, digests.of_file)
    with pytest.raises(ValueError, match="stable-diffusion-v1-5 at 451f4fe: it is to be shown, not run"):
        _run(made, Store(tmp_path / "none", make=False))
    assert not (tmp_path / "none").exists()
