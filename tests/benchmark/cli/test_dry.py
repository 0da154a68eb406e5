"""What a run would do."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark import digests
from benchmark.cli import dry
from benchmark.errors import UserError
from benchmark.plan.planner import Plan
from benchmark.session import Choice, make_plan
from benchmark.store.store import Store

Plans = Callable[..., Plan]


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No weights of this machine's user are found."""
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


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
    """A sum without it is too small, and is said to be; one of next to nothing is not said."""
    for step in plan(store=undisturbed).steps:
        if step.kind == "fit":
            _pretend(undisturbed / "objects" / "fit" / step.key, 30.0)
    made = plan(generators=("toy-fitted", "toy-slow"), seeds=(1,), store=undisturbed)
    fit = _stage("fit", _rows(made, undisturbed))
    assert (fit["time"], fit["at_least"]) == (None, pytest.approx(30.0))
    assert _stage("fit", _rows(made, undisturbed, in_words=True))["time"] == "at least 30 s"
    for step in plan(store=undisturbed).steps:
        if step.kind == "fit":
            _pretend(undisturbed / "objects" / "fit" / step.key, 0.1)
    assert _stage("fit", _rows(made, undisturbed, in_words=True))["time"] == "unknown"


@pytest.mark.parametrize(("seconds", "said"), [(7199.0, "7199 s"), (7200.0, "2.0 h"), (360_000.0, "100.0 h")])
def test_long_times_are_told_in_hours(plan: Plans, undisturbed: Path, seconds: float, said: str) -> None:
    """From two hours on; a program still gets seconds."""
    known = plan(generators=("toy-fitted",), store=undisturbed)
    _pretend(undisturbed / "objects" / "fit" / _stage_key(known, "fit"), seconds)
    made = plan(generators=("toy-fitted",), seeds=(1,), store=undisturbed)
    assert _stage("fit", _rows(made, undisturbed, in_words=True))["time"] == said
    assert _stage("fit", _rows(made, undisturbed))["time"] == pytest.approx(seconds)


def test_what_classes_tell_of_their_work_is_summed(plan: Plans, tmp_path: Path) -> None:
    """Optimizer steps of fits, sampling steps of images; of classes that tell of none, nothing. People read commas."""
    made = plan("demo", generators=("baseline-prompt", "morphology-prompt", "noise"), seeds=(100, 101))
    rows = _rows(made, tmp_path / "none")
    assert _stage("fit", rows)["inner"] == 2 * 2 * 250
    assert _stage("sample", rows)["inner"] == 2 * 2 * 600 * 15
    assert _stage("sample", rows)["images"] == 2 * 3 * 600
    assert {row["inner"] for row in rows if row["stage"] not in ("fit", "sample")} == {None}
    assert _stage("sample", _rows(made, tmp_path / "none", in_words=True))["inner"] == "36,000"
    assert {row["inner"] for row in _rows(plan(), tmp_path / "none")} == {None}


def test_a_users_pace_stands_in_for_what_was_not_measured(plan: Plans, tmp_path: Path) -> None:
    """Times the work that classes tell of; where one tells of none, the sum is too small and said to be."""
    made = plan("demo", generators=("baseline-prompt", "noise"), seeds=(100,))
    rows = dry.rows(made, Store(tmp_path / "none", make=False), in_words=False, paces={"fit": 2.0, "sample": 0.01})
    assert _stage("fit", rows)["time"] == 500.0
    assert (_stage("sample", rows)["time"], _stage("sample", rows)["at_least"]) == (None, pytest.approx(90.0))
    assert _stage("measure", rows)["time"] is None


def test_what_was_measured_is_believed_before_a_users_pace(plan: Plans, undisturbed: Path) -> None:
    """It was measured here."""
    made = plan(generators=("toy-plain",), seeds=(1,), store=undisturbed)
    store = Store(undisturbed, make=False)
    one, other = (dry.rows(made, store, in_words=False, paces=paces) for paces in ({}, {"embed": 1000.0}))
    assert _stage("embed", one)["time"] == _stage("embed", other)["time"] is not None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("fti=1", "'fti' is no stage whose work is counted. Did you mean 'fit'"),
        ("measure=1", "'measure' is no stage whose work is counted"),
        ("fit", "expected seconds above 0, as in fit=0.5, found ''"),
        ("fit=fast", "found 'fast'"),
        ("fit=0", "found '0'"),
        ("fit=-1", "found '-1'"),
        ("fit=nan", "found 'nan'"),
        ("fit=inf", "found 'inf'"),
    ],
)
def test_a_pace_that_is_none_is_refused(given: str, said: str) -> None:
    """With the nearest stage, or what was found."""
    with pytest.raises(UserError, match=re.escape(said)):
        dry.paces([given])
    assert dry.paces(["fit=1.5", "embed=1e-3"]) == {"fit": 1.5, "embed": 0.001}


def test_what_is_not_here_is_a_row_of_its_own(tmp_path: Path, away: None) -> None:
    """Weights and data: how many, how large as far as known; and a line each for people, how it is brought."""
    choice = Choice("pcam-mini", ("sd-off-the-shelf",), (), None, "cpu", None, (), offline=False, to_run=False)
    made = make_plan(choice, digests.of_file)
    rows = _rows(made, tmp_path / "none")
    assert [row["stage"] for row in rows][:2] == ["fetch", "data"]
    assert (rows[0]["make"], rows[0]["reuse"]) == (2, 0)
    assert rows[0]["disk"] == sum(one.bytes for one in made.absent) > 12e9
    notes = list(dry.notes(made))
    assert len(notes) == 3
    assert notes[1] == (
        "Not on this machine: stable-diffusion-v1-5/stable-diffusion-v1-5 at 451f4fe (4.3 GB). bench weights fetch "
        "sd-off-the-shelf"
    )
    assert "bench data fetch pcam" in notes[0]


def test_nothing_is_said_to_be_brought_where_nothing_is(plan: Plans, tmp_path: Path) -> None:
    """Neither row nor line."""
    assert "fetch" not in {row["stage"] for row in _rows(plan("demo"), tmp_path / "none")}
    assert list(dry.notes(plan("demo"))) == []


def _rows(plan: Plan, store: Path, *, in_words: bool = False) -> list[dict[str, Any]]:
    return dry.rows(plan, Store(store, make=False), in_words=in_words)


def _stage(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return next(row for row in rows if row["stage"] == name)


def _stage_key(plan: Plan, kind: str) -> str:
    return next(step.key for step in plan.steps if step.kind == kind)


def _pretend(folder: Path, seconds: float) -> None:
    """Let a finished step have taken some time."""
    path = folder / "step.json"
    manifest = json.loads(path.read_text())
    manifest["run"]["wall_s"] = seconds
    path.write_text(json.dumps(manifest))
