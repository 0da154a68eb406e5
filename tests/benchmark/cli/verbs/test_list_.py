"""`bench list`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Bench = Callable[..., Any]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("suites", {"name": "toy", "version": 1, "dataset": "toy", "summary": "Seconds long; for the tests of the engine."}),
        ("suites", {
            "name": "phantom-bounds", "version": 1, "dataset": "phantom",
            "summary": "What held-out real images and noise score on phantom patches; the bounds of every board to come.",
        }),
        ("generators", {"name": "noise", "kind": "control", "from": "histobench",
                        "summary": "Uniform noise; what an off-domain set scores."}),
        ("generators", {"name": "toy-fitted", "kind": "generator", "from": "toybench",
                        "summary": "Learns the mean colour of each class."}),
        ("generators", {"name": "toy-plain", "kind": "generator", "from": "toybench", "summary": "Offered by toybench."}),
        ("tasks", {"name": "toy-distance", "from": "toybench", "summary": "Distance of mean features."}),
        ("datasets", {"name": "toy", "from": "toybench", "summary": "Squares of two colours."}),
        ("protocols", {"name": "clean", "digest": "9118a9cce571",
                       "summary": "Both sides at one common size by one antialiased filter, exact root, held-out "
                       "reference. The default."}),
        ("extractors", {"name": "toy-mean", "from": "toybench", "summary": "Mean of each channel."}),
    ],
)  # fmt: skip
def test_what_there_is_as_table_and_as_json(bench: Bench, kind: str, expected: dict[str, object]) -> None:
    """Each once, with where it comes from and what it is; both forms hold the same."""
    rows = json.loads(bench("list", kind, "--json").out)
    assert rows.count(expected) == 1
    assert len({row["name"] for row in rows}) == len(rows)
    said = bench("list", kind)
    assert (said.code, said.err) == (0, "")
    head, _, *lines = said.out.splitlines()
    assert head.split() == list(expected)
    assert [line.split()[0] for line in lines] == [row["name"] for row in rows]
    line = next(line for line in lines if line.split()[0] == expected["name"])
    assert all(str(text) in line for text in expected.values())


def test_the_projects_own_are_there(bench: Bench) -> None:
    """Under the names that the README gives them."""
    found = {
        kind: {row["name"] for row in json.loads(bench("list", kind, "--json").out)}
        for kind in ("suites", "generators", "tasks", "datasets", "extractors")
    }
    assert found["suites"] >= {"phantom-bounds"}
    assert found["generators"] >= {"noise", "real-holdout"}
    assert found["tasks"] >= {"fidelity", "coverage", "tstr"}
    assert found["datasets"] >= {"phantom", "pcam"}
    assert found["extractors"] >= {"random-network"}


def test_a_registry_of_ones_own_adds_generators(bench: Bench, tmp_path: Path) -> None:
    """Named as their origin; one that names nothing is a usage error."""
    registry = tmp_path / "mine.yaml"
    registry.write_text("mine: {extends: noise, summary: Mine.}\n")
    rows = json.loads(bench("list", "generators", "--registry", registry, "--json").out)
    assert {"name": "mine", "kind": "control", "from": str(registry), "summary": "Mine."} in rows
    assert bench("list", "generators", "--registry", tmp_path / "nowhere.yaml").code == 2


def test_one_that_does_not_load_hides_no_other(bench: Bench, outside: Callable[..., Path]) -> None:
    """Its line says why."""
    outside({"tasks": "odd = elsewhere.code:Odd"}, {"code.py": "raise RuntimeError('no luck')\n"})
    said = bench("list", "tasks", "--json")
    found = {row["name"]: row["summary"] for row in json.loads(said.out)}
    assert said.code == 0
    assert found["odd"] == "(does not load: no luck)"
    assert found["toy-distance"] == "Distance of mean features."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Missing argument"),
        (["suite"], "bench list suite: there is nothing of that kind. Did you mean 'suites'? Known: datasets, "),
    ],
)
def test_what_to_list_must_be_said(bench: Bench, words: list[str], said: str) -> None:
    """One of five."""
    answer = bench("list", *words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
