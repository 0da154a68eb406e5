"""`bench validate`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Bench = Callable[..., Any]


def test_a_sound_suite_is_status_zero(bench: Bench, toy_suite: Callable[..., Path]) -> None:
    """By name, by file, and the one that is taken where none is named; an empty list for programs."""
    assert bench("validate", "--suite", "toy") == (0, "", "Suite 'toy' is valid.\n")
    path = toy_suite("mine")
    assert bench("validate", "-s", path).err == f"Suite '{path}' is valid.\n"
    assert bench("validate") == (0, "", "Suite 'demo' is valid.\n")
    assert bench("validate", "--suite", "toy", "--json") == (0, "[]\n", "Suite 'toy' is valid.\n")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"extractors": ["toy-guide"]}, "would also score it"),
        ({"variants": ["toy-plian"], "primary": []}, "Did you mean 'toy-plain'"),
        ({"n": 0}, "n"),
        ({"roles": {"train": {"split": "train"}}}, "needs the role"),
    ],
)
def test_a_faulty_suite_is_status_two(
    bench: Bench, toy_suite: Callable[..., Path], changes: dict[str, object], said: str
) -> None:
    """One message that names the file or the suite."""
    answer = bench("validate", "--suite", toy_suite("mine", **changes))
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Error: ")
    assert said in answer.err
    assert "mine" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"extractor": "nett.py:Net"}, "there is no file"),
        ({"extractor": "net.py:Nett"}, "has no attribute 'Nett'"),
        ({"extractor": "net.py:Bare"}, "has no 'version'. An extractor has a version, a summary"),
        ({"extractor": "net.py:Net", "params": {"powr": 2}}, "unknown parameter 'powr'. Did you mean 'power'?"),
        ({"extractor": "net.py:Net", "weights": {"path": "gone"}}, "expected a file, or a folder that is not empty at"),
        ({"extractor": "net.py:Net"}, "parameter 'weights' is missing"),
    ],
)
def test_a_faulty_extractor_of_ones_own_is_status_two(
    bench: Bench, toy_suite: Callable[..., Path], tmp_path: Path, entry: dict[str, object], said: str
) -> None:
    """What can be seen without its weights is looked at; a sound one passes."""
    source = (
        "class Net:\n    version, summary, width = 1, 'x', 3\n    def __init__(self, weights, power: int = 1): ...\n"
    )
    source += "    def to(self, device): ...\n    def embed(self, images): ...\nclass Bare: ...\n"
    (tmp_path / "net.py").write_text(source)
    (tmp_path / "w.bin").write_text("")
    suite, registry = toy_suite("mine", extractors=["net"]), tmp_path / "mine-registry.yaml"
    for given, code in ((entry, 2), ({"extractor": "net.py:Net", "weights": {"path": "w.bin"}}, 0)):
        registry.write_text(json.dumps({"extractors": {"net": given}}))
        answer = bench("validate", "--suite", suite, "--registry", registry)
        assert answer.code == code, answer.err
        assert code == 0 or said in answer.err


def test_a_suite_that_is_not_there(bench: Bench) -> None:
    """With the nearest name."""
    said = bench("validate", "--suite", "tyo")
    assert said.code == 2
    assert "There is no suite 'tyo'. Did you mean 'toy'?" in said.err


def test_generators_that_keep_their_contract_are_status_zero(bench: Bench) -> None:
    """A line a check and generator, in the order they were named."""
    said = bench("validate", "--suite", "toy", "-g", "toy-fitted", "-g", "toy-plain", "--json")
    rows = json.loads(said.out)
    assert (said.code, said.err) == (0, "")
    assert {row["state"] for row in rows} == {"kept", "nothing to check"}
    assert list(dict.fromkeys(row["generator"] for row in rows)) == ["toy-fitted", "toy-plain"]
    assert {tuple(row) for row in rows} == {("generator", "check", "state", "what")}


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("toy-unseeded", "same seeds, same images"),
        ("toy-batch-dependent", "independent of the batch"),
        ("toy-raising", "fits and samples"),
        ("toy-diverging", "fits and samples"),
        ("toy-few", "fits and samples"),
        ("toy-float", "fits and samples"),
        ("toy-prompts", "fits and samples"),
        ("toy-peeking", "fits and samples"),
    ],
)
def test_a_breach_is_status_one_and_named(bench: Bench, name: str, check: str) -> None:
    """As a table, beside a generator that keeps its own."""
    said = bench("validate", "--suite", "toy", "-g", "toy-plain", "-g", name)
    assert said.code == 1
    lines = said.out.splitlines()
    assert any(line.startswith(name) and check in line and "BROKEN" in line for line in lines)
    assert not any(line.startswith("toy-plain") and "BROKEN" in line for line in lines)


def test_a_generator_of_ones_own(bench: Bench, tmp_path: Path) -> None:
    """From a registry file, on a suite that does not know it; a name nobody knows is refused."""
    (tmp_path / "mine.py").write_text(
        "import numpy as np\n"
        "from benchmark.contracts.generator import Batch\n"
        "class Mine:\n"
        "    def sample(self, requests, context):\n"
        "        rows = [np.random.default_rng(seed).integers(0, 256, (16, 16, 3)) for seed in requests.seeds]\n"
        "        yield Batch(images=np.stack(rows).astype(np.uint8))\n"
    )
    registry = tmp_path / "mine.yaml"
    registry.write_text("mine: {generator: 'mine.py:Mine', summary: x}\n")
    words = ["validate", "--suite", "toy", "--registry", registry, "--generator"]
    assert bench(*words, "mine").code == 0
    registry.write_text("mine: {generator: 'mine.py:Mine', summary: x, params: {strenght: 1}}\n")
    said = bench(*words, "mine")
    assert said.code == 2
    assert "variant 'mine': takes no parameter, found 'strenght'" in said.err
    said = bench(*words, "mien")
    assert said.code == 2
    assert "--generator mien: there is no such generator." in said.err


def test_nothing_is_left_behind(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has a store of its own, elsewhere, for as long as it takes."""
    monkeypatch.chdir(tmp_path)
    assert bench("validate", "--suite", "toy", "-g", "toy-plain").code == 0
    assert list(tmp_path.iterdir()) == []
