"""`bench run`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.records import files

Bench = Callable[..., Any]


def test_a_suite_is_run_and_a_finished_one_is_shown_again(bench: Bench, tmp_path: Path) -> None:
    """Status 0 and the same board twice; the second time nothing is made."""
    store = tmp_path / "store"
    first = bench("run", "--suite", "toy", "--store", store)
    assert (first.code, first.err) == (0, "")
    assert all(name in first.out for name in ("toy-plain", "toy-fitted", "toy-fitted-noisy", "toy-real"))
    before = _times(store / "objects")
    second = bench("run", "--suite", "toy", "--store", store)
    assert (second.code, second.out) == (0, first.out)
    assert _times(store / "objects") == before


def test_json_is_the_values_of_all_suites(bench: Bench, tmp_path: Path, toy_suite: Callable[..., Path]) -> None:
    """One list, in the order of the suites; nothing else on standard output."""
    other = toy_suite("other", n=10, variants=["toy-plain"], primary=[])
    words = ["run", "--suite", "toy", "--suite", other, "-g", "toy-plain", "--store", tmp_path / "store", "--json"]
    said = bench(*words)
    rows = json.loads(said.out)
    assert said.code == 0
    assert [row["suite"].split("@")[0] for row in rows] == ["toy", "other"]
    assert [row["n"]["synthetic"] for row in rows] == [40, 10]
    assert [row["value"] for row in rows] == [
        value.value for name in ("toy", "other") for record in files.read_all(tmp_path / "store")
        if record.suite.name == name for value in record.values
    ]  # fmt: skip


def test_chosen_generators_and_seeds(bench: Bench, tmp_path: Path) -> None:
    """Each named twice makes no row twice."""
    words = [word for seed in (5, 3, 5) for word in ("--seed", seed)]
    words += [word for name in ("toy-real", "toy-plain", "toy-real") for word in ("-g", name)]
    rows = json.loads(bench("run", "--suite", "toy", *words, "--store", tmp_path / "store", "--json").out)
    assert [(row["generator"], row["seed"]) for row in rows] == [
        ("toy-plain", 5), ("toy-real", 5), ("toy-plain", 3), ("toy-real", 3),
    ]  # fmt: skip


def test_a_limited_run_is_marked_a_trial(bench: Bench, tmp_path: Path) -> None:
    """In what is printed and in what is recorded; a full run is neither."""
    words = ["run", "--suite", "toy", "-g", "toy-plain", "--store", tmp_path / "store", "--json"]
    (trial,) = json.loads(bench(*words, "--limit", 8).out)
    (full,) = json.loads(bench(*words).out)
    assert (trial["limit"], full["limit"]) == (8, None)
    assert trial["n"] == {"reference": 8, "synthetic": 8, "test": 8}
    assert "TRIAL" in bench(*words[:-1], "--limit", 8).out
    assert "TRIAL" not in bench(*words[:-1]).out


def test_dry_run_makes_nothing_and_needs_no_store(bench: Bench, tmp_path: Path) -> None:
    """A line a stage and suite; a finished store has nothing to do."""
    store = tmp_path / "store"
    words = ["run", "--suite", "toy", "-g", "toy-plain", "--store", store]
    said = bench(*words, "--dry-run")
    assert (said.code, said.err) == (0, "")
    assert [line.split()[1] for line in said.out.splitlines()[2:]] == ["data", "sample", "embed", "baseline", "measure"]
    assert not store.exists()
    assert bench(*words).code == 0
    rows = json.loads(bench(*words, "--dry-run", "--json").out)
    assert {(row["make"], row["disk"], row["time"]) for row in rows} == {(0, 0, 0)}


def test_dry_run_leaves_no_store_behind_for_digests_of_weights(bench: Bench, tmp_path: Path) -> None:
    """They are hashed for the plan; a run keeps them, a dry run only where there is a store."""
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "model.safetensors").write_bytes(b"1")
    (tmp_path / "mine.yaml").write_text("mine: {extends: toy-plain, weights: {base: weights}}\n")
    store = tmp_path / "store"
    words = ["run", "--suite", "toy", "-g", "mine", "--registry", tmp_path / "mine.yaml", "--store", store]
    assert bench(*words, "--dry-run").code == 0
    assert not store.exists()
    assert bench(*words).code == 0
    assert (store / "digests.sqlite").exists()


def test_dry_run_finds_mistakes_all_the_same(bench: Bench, tmp_path: Path) -> None:
    """In the second of two suites too."""
    said = bench("run", "--suite", "toy", "--suite", "tyo", "--store", tmp_path / "store", "--dry-run")
    assert (said.code, said.out) == (2, "")
    assert "Did you mean 'toy'" in said.err


def test_a_mistake_in_the_second_suite_stops_the_first(bench: Bench, tmp_path: Path) -> None:
    """All are planned before any is run."""
    said = bench("run", "--suite", "toy", "--suite", "tyo", "--store", tmp_path / "store")
    assert said.code == 2
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("names", "other", "code"),
    [
        (["toy-plain"], ["toy-real"], 0),
        (["toy-plain", "toy-raising"], ["toy-plain"], 1),
        (["toy-plain"], ["toy-raising"], 1),
        (["toy-raising"], ["toy-plain"], 1),
        (["toy-raising"], ["toy-raising"], 3),
        (["toy-plain", "toy-raising"], ["toy-raising"], 1),
    ],
)
def test_status_speaks_for_all_suites(
    bench: Bench, tmp_path: Path, toy_suite: Callable[..., Path], names: list[str], other: list[str], code: int
) -> None:
    """0 where every cell of each is measured, 3 where no cell of any is, 1 between."""
    suites = [toy_suite(name, variants=these, primary=[], n=4) for name, these in (("one", names), ("two", other))]
    said = bench("run", "--suite", suites[0], "--suite", suites[1], "--store", tmp_path / "store", "--json", "-q")
    rows = json.loads(said.out)
    assert said.code == code
    failed = {row["generator"]: row["error"] for row in rows if row["status"] == "failed"}
    assert ("toy-raising" in failed) is (code > 0)
    assert all("out of luck" in str(error) for error in failed.values())


def test_tracking_is_asked_for_before_any_work(bench: Bench, tmp_path: Path) -> None:
    """A place that cannot be is refused; without tracking it is not even looked at."""
    words = ["run", "--suite", "toy", "-g", "toy-plain", "--store", tmp_path / "store", "--tracking-uri", "./mlruns"]
    said = bench(*words, "--tracking")
    assert (said.code, said.out) == (2, "")
    assert not (tmp_path / "store").exists()
    assert bench(*words, "--no-tracking").code == 0
    assert not (tmp_path / "store" / "mlflow.db").exists()


def test_quiet_on_a_terminal_says_only_the_result(
    on_terminal: Callable[..., tuple[int, str, str]], command: list[str], tmp_path: Path
) -> None:
    """Failures are still said."""
    words = ["run", "--suite", "toy", "-g", "toy-plain", "-g", "toy-raising", "--no-tracking", "--quiet"]
    code, out, screen = on_terminal([*command, *words, "--store", str(tmp_path / "store")], cwd=tmp_path)
    assert code == 1
    assert "toy-plain" in out
    (line,) = screen.splitlines()
    assert line.startswith(
        "failed: sample toy-raising, seed 0, images 0 to 39: RuntimeError: out of luck (generate.py, "
    )


def _times(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
