"""What the shell offers: through the protocol of each shell, with the installed command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmark.cli import completion

Tab = Callable[..., list[str]]

FITTED = ["toy-filling", "toy-fitted", "toy-fitted-noisy"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("bench run --suite to", ["toy"]),
        ("bench run -s toy -s phantom-bou", ["phantom-bounds"]),
        ("bench validate --suite to", ["toy"]),
        ("bench run --generator toy-plain -g toy-fi", FITTED),
        ("bench run -s nowhere", []),
        ("bench show toy-fi", FITTED),
        ("bench tr", ["track"]),
        ("bench store v", ["verify"]),
        ("bench list e", ["extractors"]),
        ("bench data check pcam-", ["pcam-kaggle"]),
    ],
)
def test_bash_and_zsh_get_the_names_that_fit(tab: Tab, zsh_tab: Tab, line: str, expected: list[str]) -> None:
    """Suites and generators of installed packages, those from outside among them; verbs and choices too."""
    assert tab(line) == zsh_tab(line) == expected


def test_nothing_typed_offers_everything(tab: Tab) -> None:
    """In the order of the names."""
    suites, generators = tab("bench run --suite "), tab("bench run -g ")
    assert {"phantom-bounds", "toy"} <= set(suites)
    assert {"noise", "real-holdout", "toy-plain"} <= set(generators)
    assert (suites, generators) == (sorted(suites), sorted(generators))


def test_a_real_bash_completes(script: Path, tmp_path: Path) -> None:
    """The script that `--show-completion` prints, evaluated; then what pressing tab does."""
    lines = [
        f'export PATH="{script.parent}:$PATH"',
        'eval "$(_BENCH_COMPLETE=source_bash bench)"',
        "complete -p bench",
        "COMP_WORDS=(bench run --suite toy -g toy-fi)",
        "COMP_CWORD=5",
        "_bench_completion bench",
        'printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    done = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(lines)], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines() == ["complete -o default -F _bench_completion bench", *FITTED]
    assert done.stderr == ""


def test_zsh_script_asks_the_command(script: Path, tmp_path: Path) -> None:
    """What zsh evaluates defines the completion of `bench` and calls it back with the words so far."""
    done = _ask(script, tmp_path, {"_BENCH_COMPLETE": "source_zsh"})
    assert "#compdef bench" in done.stdout
    assert "_BENCH_COMPLETE=complete_zsh bench" in done.stdout


def test_names_of_the_registry_file_on_the_line(tab: Tab, tmp_path: Path) -> None:
    """A generator of one's own is offered like any other; without its file it is not."""
    (tmp_path / "mine.yaml").write_text("toy-fine: {generator: 'mine.py:Mine', summary: x}\n")
    assert tab("bench run --registry mine.yaml -g toy-fi") == ["toy-filling", "toy-fine", *FITTED[1:]]
    assert tab("bench run -g toy-fi", {"BENCH_REGISTRY": "mine.yaml"}) == ["toy-filling", "toy-fine", *FITTED[1:]]
    assert tab("bench run -g toy-fi") == FITTED


def test_show_offers_names_of_every_kind_once(tab: Tab) -> None:
    """'toy' is a suite and a dataset; suites come first, as they do in the answer."""
    found = tab("bench show ")
    assert {"phantom-bounds", "toy", "toy-plain", "toy-distance", "pcam", "toy-mean"} <= set(found)
    assert len(found) == len(set(found))
    assert found.index("toy") < found.index("toy-plain") < found.index("toy-distance") < found.index("pcam")


def test_what_is_broken_is_no_message_at_the_prompt(tab: Tab, tmp_path: Path) -> None:
    """Nothing is offered, nothing is printed (`tab` sees to that)."""
    (tmp_path / "broken.yaml").write_text("- no mapping\n")
    assert tab("bench run --registry broken.yaml -g toy-") == []
    assert tab("bench run --registry nowhere.yaml -g toy-") == []


def test_a_broken_package_offers_no_suites(outside: Callable[..., Path]) -> None:
    """As for generators."""
    assert completion.suites("to") == ["toy"]
    outside({"suites": "elsewhere = nowhere_at_all"}, {})
    assert completion.suites("to") == []


def test_tab_loads_nothing_heavy(script: Path, tmp_path: Path) -> None:
    """Pressing it must not take seconds."""
    words = {"COMP_WORDS": "bench run --suite toy -g toy-fi", "COMP_CWORD": "5", "_BENCH_COMPLETE": "complete_bash"}
    program = [sys.executable, "-X", "importtime", str(script)]
    done = subprocess.run(
        program, cwd=tmp_path, env={**os.environ, **words}, capture_output=True, text=True, timeout=60, check=True
    )
    loaded = {line.split("|")[-1].strip() for line in done.stderr.splitlines()}
    assert done.stdout.split() == FITTED
    assert "benchmark.cli.completion" in loaded
    assert not {"torch", "numpy", "mlflow", "sklearn", "diffusers", "transformers"} & loaded


@pytest.fixture
def tab(script: Path, tmp_path: Path) -> Tab:
    """What bash is offered at the end of a line."""

    def press(line: str, more: Mapping[str, str] = {}) -> list[str]:
        count = len(line.split(" ")) - 1
        words = {"COMP_WORDS": line, "COMP_CWORD": str(count), "_BENCH_COMPLETE": "complete_bash", **more}
        return _ask(script, tmp_path, words).stdout.split()

    return press


@pytest.fixture
def zsh_tab(script: Path, tmp_path: Path) -> Tab:
    """What zsh is offered: the answer is a command in its language, which a shell with a stand-in takes apart."""

    def press(line: str) -> list[str]:
        words = {"_TYPER_COMPLETE_ARGS": line, "_BENCH_COMPLETE": "complete_zsh"}
        answer = _ask(script, tmp_path, words).stdout
        take = '_arguments() { printf "%s\\n" "$@"; }\n_files() { :; }\n'
        done = subprocess.run(["bash", "--norc", "-c", take + answer], capture_output=True, text=True, check=True)
        assert not done.stdout or done.stdout.startswith("*: :((")
        return [line.split('"')[1] for line in done.stdout.splitlines()]

    return press


def _ask(script: Path, folder: Path, words: Mapping[str, str]) -> Any:
    done = subprocess.run(
        [script], cwd=folder, env={**os.environ, **words}, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""
    return done
