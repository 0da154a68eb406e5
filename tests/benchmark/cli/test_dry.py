"""What a run would do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.cli import dry
from benchmark.plan.planner import Plan
from benchmark.store.store import Store

Plans = Callable[..., Plan]


def test_a_row_a_stage_in_the_order_of_the_work(plan: Plans, tmp_path: Path) -> None:
    """Steps that variants share are counted once: one dataset, two fits, four samplings, the five features."""
    rows = _rows(plan(), tmp_path / "none")
    assert [(row["stage"], row["steps"], row["reuse"], row["make"]) for row in rows] == [
        ("data", 1, 0, 1), ("fit", 2, 0, 2), ("sample", 4, 0, 4), ("embed", 5, 0, 5), ("baseline", 1, 0, 1),
        ("measure", 4, 0, 4),
    ]  # fmt: skip
    assert {row["suite"] for row in rows} == {plan().suite.identifier}
    assert not (tmp_path / "none").exists()


def test_what_nothing_is_known_of_is_said_to_be_unknown(plan: Plans, tmp_path: Path) -> None:
    """To people in a word; to a program by None."""
    assert {row["time"] for row in _rows(plan(), tmp_path / "none")} == {None}
    assert {row["time"] for row in _rows(plan(), tmp_path / "none", in_words=True)} == {"unknown"}


def test_disk_is_what_the_missing_steps_will_take(plan: Plans, tmp_path: Path) -> None:
    """Against the plan's own numbers, and in words as a person reads them."""
    made = plan()
    exact = {row["stage"]: row["disk"] for row in _rows(made, tmp_path / "none")}
    assert exact["sample"] == sum(step.bytes for step in made.steps if step.kind == "sample") > 0
    assert sum(exact.values()) == sum(step.bytes for step in made.steps)
    words = {row["stage"]: row["disk"] for row in _rows(made, tmp_path / "none", in_words=True)}
    assert words["sample"] == f"{exact['sample'] / 1000:.1f} kB"


def test_finished_steps_cost_nothing(plan: Plans, undisturbed: Path) -> None:
    """Neither disk nor time."""
    for row in _rows(plan(store=undisturbed), undisturbed):
        assert (row["reuse"], row["make"], row["disk"], row["time"]) == (row["steps"], 0, 0, 0)
    for row in _rows(plan(store=undisturbed), undisturbed, in_words=True):
        assert (row["disk"], row["time"]) == ("0 B", "0 s")


def test_what_was_lost_is_to_be_done_again(plan: Plans, undisturbed: Path) -> None:
    """One fit of two; its own stage alone."""
    made = plan(store=undisturbed)
    lost = next(step for step in made.steps if step.kind == "fit")
    shutil.rmtree(undisturbed / "objects" / "fit" / lost.key)
    found = {row["stage"]: (row["reuse"], row["make"]) for row in _rows(made, undisturbed)}
    assert found.pop("fit") == (1, 1)
    assert {todo for _, todo in found.values()} == {0}


def test_time_is_that_of_the_same_class_with_the_same_parameters(plan: Plans, undisturbed: Path) -> None:
    """Another seed of the two fitted variants takes what each of their fits took before."""
    took = {"toy-fitted": 3.0, "toy-fitted-noisy": 40.0}
    known = plan(store=undisturbed)
    for cell in known.cells:
        for step in cell.measure.walk():
            if step.kind == "fit":
                _pretend(undisturbed / "objects" / "fit" / step.key, took[cell.variant.name])
    for name, seconds in took.items():
        rows = _rows(plan(generators=(name,), seeds=(1,), store=undisturbed), undisturbed)
        assert next(row["time"] for row in rows if row["stage"] == "fit") == pytest.approx(seconds)
    both = _rows(plan(seeds=(1,), store=undisturbed), undisturbed, in_words=True)
    assert next(row["time"] for row in both if row["stage"] == "fit") == "43 s"


def test_one_unknown_step_makes_the_stage_unknown(plan: Plans, undisturbed: Path) -> None:
    """A sum without it would be too small."""
    made = plan(generators=("toy-fitted", "toy-slow"), seeds=(1,), store=undisturbed)
    assert next(row["time"] for row in _rows(made, undisturbed) if row["stage"] == "fit") is None
    words = _rows(made, undisturbed, in_words=True)
    assert next(row["time"] for row in words if row["stage"] == "fit") == "unknown"


def _rows(plan: Plan, store: Path, *, in_words: bool = False) -> list[dict[str, Any]]:
    return dry.rows(plan, Store(store, make=False), in_words=in_words)


def _pretend(folder: Path, seconds: float) -> None:
    """Let a finished step have taken some time."""
    path = folder / "step.json"
    manifest = json.loads(path.read_text())
    manifest["run"]["wall_s"] = seconds
    path.write_text(json.dumps(manifest))
