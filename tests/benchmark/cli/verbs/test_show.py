"""`bench show`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Bench = Callable[..., Any]


@pytest.mark.parametrize("name", ["phantom-bounds", "toy-fitted", "fidelity", "phantom", "random-network"])
def test_yaml_and_json_hold_the_same(bench: Bench, name: str) -> None:
    """A suite, a generator, a task, a dataset, an extractor; keys in the same order."""
    plain, exact = bench("show", name), bench("show", name, "--json")
    assert (plain.code, plain.err, exact.code, exact.err) == (0, "", 0, "")
    found = json.loads(exact.out)
    assert yaml.safe_load(plain.out) == found
    assert list(yaml.safe_load(plain.out)) == list(found)
    assert plain.out.endswith("\n")
    assert not plain.out.endswith("\n\n")


def test_letters_are_shown_as_they_are(bench: Bench) -> None:
    """Not as codes."""
    assert "Fréchet" in bench("show", "fidelity").out
    assert "Fréchet" in bench("show", "fidelity", "--json").out


def test_a_registry_of_ones_own(bench: Bench, tmp_path: Path) -> None:
    """What is inherited is filled in."""
    registry = tmp_path / "mine.yaml"
    registry.write_text("mine: {extends: toy-fitted, params: {noise: 1.0}}\n")
    found = yaml.safe_load(bench("show", "mine", "--registry", registry).out)
    assert (found["generator"], found["from"]) == ("toybench.generate:Plain", str(registry))
    assert (found["fits_on"], found["params"]) == ("train", {"noise": 1.0})


def test_an_unknown_name_is_status_two(bench: Bench) -> None:
    """With the nearest; without one there is nothing to show."""
    said = bench("show", "phantom-bonds")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Error: Nothing is named 'phantom-bonds'. Did you mean 'phantom-bounds'?")
    assert bench("show").code == 2
