"""The options that verbs share: which verb has which, and that each is an environment variable too."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from benchmark.cli import main
from benchmark.registry import discovery

Bench = Callable[..., Any]

PROMISED = {
    "run": "suite generator seed store data-root reference device offline quiet limit registry tracking tracking-uri dry-run json",
    "evaluate": "seed store data-root reference device offline quiet registry tracking tracking-uri dry-run json",
    "list": "registry json",
    "show": "registry json",
    "validate": "suite generator data-root device registry json",
    "leaderboard": "store json",
    "score": "json",
    "audit": "device offline quiet registry json",
    "data fetch": "data-root offline quiet json",
    "data check": "data-root quiet json",
    "morphology fit": "data-root device offline quiet registry json",
    "morphology choose": "data-root device offline quiet registry json",
    "morphology assign": "data-root device offline quiet registry json",
    "track": "store data-root quiet tracking-uri json",
    "ui": "store tracking-uri",
    "weights list": "registry json",
    "weights fetch": "registry offline json",
    "store du": "store json",
    "store gc": "store json dry-run",
    "store verify": "store json",
    "store export": "suite store data-root device offline quiet limit registry json",
    "store import": "store json",
    "store references": "store json",
    "doctor": "store json",
}
NO_VARIABLE = {"json", "dry-run"}
"""Of one call, not of a user's surroundings."""


@pytest.mark.parametrize("verb", PROMISED)
def test_every_verb_has_its_options_under_one_name_and_variable(
    options: Callable[[str], dict[str, Any]], verb: str
) -> None:
    """BENCH_ and the name; MLflow's own variable for the tracking server."""
    found = options(verb)
    for name in PROMISED[verb].split():
        assert name in found, f"bench {verb} has no --{name}"
        variable = "MLFLOW_TRACKING_URI" if name == "tracking-uri" else f"BENCH_{name.upper().replace('-', '_')}"
        assert found[name].envvar == (None if name in NO_VARIABLE else variable)
        assert found[name].help


def test_no_verb_is_left_out(options: Callable[[str], dict[str, Any]]) -> None:
    """Every verb of the project is in the table above, and no other names an option of that name otherwise."""
    verbs = [entry.name for entry in discovery.verbs() if entry.origin == "histobench"]
    assert {promised.split()[0] for promised in PROMISED} == set(verbs) == set(main.WORKFLOW)


def test_several_are_repeatable(options: Callable[[str], dict[str, Any]]) -> None:
    """Suites, generators, seeds, registry files and paces; nothing else."""
    repeatable = {name for name, option in options("run").items() if option.multiple}
    assert repeatable == {"suite", "generator", "seed", "registry", "pace"}


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"BENCH_SUITE": "toy"}, "--suite toy"),
        ({"BENCH_SUITE": "toy phantom-bounds"}, "--suite toy --suite phantom-bounds"),
        ({"BENCH_GENERATOR": "toy-plain toy-real"}, "--generator toy-plain --generator toy-real"),
        ({"BENCH_SEED": "3 4"}, "--seed 3 --seed 4"),
        ({"BENCH_LIMIT": "8"}, "--limit 8"),
        ({"BENCH_REGISTRY": "mine.yaml", "BENCH_GENERATOR": "mine"}, "--registry mine.yaml -g mine"),
        ({"BENCH_STORE": "undisturbed"}, "--store undisturbed"),
    ],
)
def test_a_variable_does_what_its_option_does(
    bench: Bench, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], words: str
) -> None:
    """A plan by option, by variable and by neither: the first two are equal, the third is another."""
    suite = [] if "suite" in words else ["--suite", "toy"]
    by_option = bench("run", *suite, *words.split(), "--dry-run", "--json")
    assert (by_option.code, by_option.err) == (0, "")
    assert json.loads(by_option.out)
    by_neither = bench("run", *suite, "--dry-run", "--json")
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    by_variable = bench("run", *suite, "--dry-run", "--json")
    assert by_variable.out == by_option.out != by_neither.out


def test_an_option_is_stronger_than_its_variable(
    bench: Bench, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is typed is meant."""
    expected = bench("run", "--suite", "toy", "--seed", "1", "--dry-run", "--json").out
    monkeypatch.setenv("BENCH_SUITE", "phantom-bounds")
    monkeypatch.setenv("BENCH_SEED", "3 4")
    assert bench("run", "--suite", "toy", "--seed", "1", "--dry-run", "--json").out == expected


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("BENCH_DEVICE", "tpu", "--device tpu: expected 'auto', 'cpu' or 'cuda'"),
        ("BENCH_DATA_ROOT", "nowhere", "--data-root nowhere: there is no such folder"),
        ("BENCH_REGISTRY", "nowhere.yaml", "nowhere.yaml"),
        ("BENCH_SUITE", "nowhere", "There is no suite 'nowhere'"),
        ("BENCH_SEED", "-1", "'--seed' (env var: 'BENCH_SEED')"),
        ("BENCH_SEED", "one", "'--seed' (env var: 'BENCH_SEED')"),
        ("BENCH_LIMIT", "0", "'--limit' (env var: 'BENCH_LIMIT')"),
        ("BENCH_QUIET", "perhaps", "'--quiet' / '-q' (env var: 'BENCH_QUIET')"),
        ("BENCH_OFFLINE", "perhaps", "'--offline' (env var: 'BENCH_OFFLINE')"),
        ("BENCH_TRACKING", "perhaps", "'--tracking' (env var: 'BENCH_TRACKING')"),
        ("MLFLOW_TRACKING_URI", "./mlruns", "MLFLOW_TRACKING_URI=./mlruns"),
    ],
)
def test_a_wrong_variable_is_one_message(
    bench: Bench, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, said: str
) -> None:
    """Status 2, which of them, and nothing made."""
    monkeypatch.setenv("BENCH_SUITE", "toy")
    monkeypatch.setenv("BENCH_TRACKING", "1")
    monkeypatch.setenv(name, text)
    answer = bench("run", "--store", "new")
    assert answer.code == 2
    assert said in answer.err
    assert not (elsewhere / "new").exists()


@pytest.mark.parametrize(("words", "expected"), [(["--offline"], "1"), ([], None)])
def test_offline_forbids_the_hub(
    bench: Bench, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], expected: str | None
) -> None:
    """By the variable that everything on top of the hub reads; by `BENCH_OFFLINE` too."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "")  # Set back after the test, whatever it does.
    monkeypatch.delenv("HF_HUB_OFFLINE")
    assert bench("run", "--suite", "toy", "--dry-run", *words).code == 0
    assert os.environ.get("HF_HUB_OFFLINE") == expected
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("BENCH_OFFLINE", "1" if words else "0")
    assert bench("run", "--suite", "toy", "--dry-run").code == 0
    assert os.environ.get("HF_HUB_OFFLINE") == expected


def test_a_suite_must_be_named(bench: Bench, elsewhere: Path) -> None:
    """There is none by default."""
    said = bench("run", "--dry-run")
    assert said.code == 2
    assert "Missing option '--suite' / '-s' (env var: 'BENCH_SUITE')" in said.err


@pytest.fixture
def options() -> Callable[[str], dict[str, Any]]:
    """The options of a verb by their long names, as Typer knows them."""

    def read(verb: str) -> dict[str, Any]:
        name, *inner = verb.split()
        found: Any = typer.main.get_command(discovery.verbs().load(name))
        for word in inner:
            found = found.commands[word]
        return {option.opts[0].removeprefix("--"): option for option in found.params if option.opts[0].startswith("--")}

    return read


@pytest.fixture
def elsewhere(tmp_path: Path, undisturbed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder but for a finished store and a registry file; one is in it, without variables of one's own."""
    for name in [name for name in os.environ if name.startswith(("BENCH_", "MLFLOW_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BENCH_TRACKING", "0")
    (tmp_path / "mine.yaml").write_text("mine: {extends: toy-fitted, summary: x, params: {noise: 3.0}}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("text", ["1,2", "abc", "-1", "1.0", "²", str(2**63)])
def test_what_is_no_seed_is_said_with_what_is(bench: Bench, text: str) -> None:
    """The value, the range, and how several are given."""
    told = bench("run", "--suite", "toy", f"--seed={text}")
    assert told.code == 2
    assert f"'{text}' is no seed: expected a whole number from 0 to {2**63 - 1}. For several seeds give" in told.err


def test_the_greatest_seed_is_one(bench: Bench, tmp_path: Path) -> None:
    """And boards of far seeds are written."""
    words = ["run", "--suite", "toy", "-g", "toy-plain", "--no-tracking", "--store", str(tmp_path / "store")]
    told = bench(*words, "--seed", str(2**63 - 1), "--seed", "100", "--seed", "101")
    assert told.code == 0
