"""What a name stands for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.cli import describe
from benchmark.errors import UserError
from benchmark.protocol import named
from benchmark.registry import discovery
from benchmark.registry.variants import Catalogue
from benchmark.suite import catalogue


def test_a_suite_with_its_defaults_and_its_digest() -> None:
    """By name."""
    found = describe.everything_named("toy", ())
    suite = catalogue.read("toy")
    assert list(found)[:2] == ["suite", "digest"]
    assert (found["suite"], found["digest"]) == (suite.identifier, suite.digest)
    assert found["roles"]["floor"] == {"split": "valid", "part": [0.5, 1.0], "by": "slide-where-known", "n": None}


def test_a_suite_file_of_ones_own(toy_suite: Callable[..., Path]) -> None:
    """By path; one that is not there is named."""
    assert describe.everything_named(str(toy_suite("mine", n=7)), ())["n"] == 7
    with pytest.raises(UserError, match=r"nowhere\.yaml"):
        describe.everything_named("nowhere.yaml", ())


def test_a_generator_with_what_it_extends_filled_in() -> None:
    """Who brings it, all keys, those it inherits among them."""
    found = describe.everything_named("toy-fitted-noisy", ())
    assert (found["generator"], found["from"]) == ("toybench.generate:Plain", "toybench")
    assert found["summary"] == "The same with more noise."
    assert found["fits_on"] == "train"
    assert found["guided_by"] == ["toy-guide"]
    assert found["params"] == {"noise": 60.0}
    assert found["version"] == 1


def test_a_generator_of_ones_own(tmp_path: Path) -> None:
    """From a registry file, which is named as its origin."""
    registry = tmp_path / "mine.yaml"
    registry.write_text("mine: {extends: toy-fitted, summary: Mine.}\n")
    found = describe.everything_named("mine", [registry])
    assert (found["from"], found["summary"]) == (str(registry), "Mine.")


def test_a_protocol_with_the_source_of_every_value() -> None:
    """Its digest is the one that records carry; what it cannot express is told."""
    found = describe.everything_named("paper", ())
    assert (found["protocol"], found["digest"]) == ("paper", named.everything()["paper"].protocol.digest)
    assert found["pixels"].startswith("real: stored as JPEG of quality 75, then 299 px, torch-bilinear without")
    assert "Newton-Schulz root" in found["rules"]
    assert [one["source"] for one in found["values"] if one["key"] == "real"] == ["ours", "code"]
    assert found["lacking"]
    assert describe.everything_named("clean", ())["lacking"] == []


def test_a_task_with_its_parameters_and_metrics() -> None:
    """Defaults as they are; every metric in full."""
    found = describe.everything_named("toy-distance", ())
    assert found["task"] == "toy-distance"
    assert (found["from"], found["class"], found["version"]) == ("toybench", "toybench.measure:Distance", 1)
    assert found["summary"] == "Distance of mean features."
    assert found["parameters"] == {"scale": 1.0}
    (metric,) = found["metrics"]
    assert (metric["name"], metric["bounds"], metric["bounded_by"]) == ("gap", [0.0, None], ["toy-real"])


def test_datasets_and_extractors_have_no_metrics() -> None:
    """Otherwise they are told of like tasks."""
    dataset, extractor = describe.everything_named("pcam", ()), describe.everything_named("toy-mean", ())
    assert (dataset["dataset"], dataset["class"]) == ("pcam", "benchmark.datasets.pcam:Pcam")
    assert (extractor["extractor"], extractor["class"]) == ("toy-mean", "toybench.measure:MeanColor")
    assert "metrics" not in dataset.keys() | extractor.keys()


def test_a_parameter_without_default_is_required(fresh_discovery: None) -> None:
    """So says the text in place of a default."""

    class Strict:
        version, summary, metrics = 4, "Needs to be told.", ()

        def __init__(self, how: str, often: int = 2) -> None: ...

    discovery.tasks().register("strict")(Strict)
    found = describe.everything_named("strict", ())
    assert found["parameters"] == {"how": "required", "often": 2}
    assert (found["from"], found["version"]) == ("this process", 4)
    assert "metrics" not in found


def test_suites_come_before_generators_and_those_before_the_rest(tmp_path: Path) -> None:
    """A name that stands for several is the first of them: 'toy' is a dataset too."""
    assert "suite" in describe.everything_named("toy", ())
    registry = tmp_path / "mine.yaml"
    registry.write_text("phantom-bounds: {extends: noise, summary: x}\ntoy-distance: {extends: noise, summary: x}\n")
    assert "suite" in describe.everything_named("phantom-bounds", [registry])
    assert describe.everything_named("toy-distance", [registry])["generator"] == "generators.controls.noise:Noise"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("phantom-bouns", "phantom-bounds"),
        ("toy-plian", "toy-plain"),
        ("toy-distnace", "toy-distance"),
        ("phantm", "phantom"),
        ("papre", "paper"),
        ("toy-maen", "toy-mean"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_of_any_kind(wrong: str, right: str) -> None:
    """Suite, generator, protocol, task, dataset, extractor."""
    with pytest.raises(UserError, match=f"Nothing is named '{wrong}'. Did you mean '{right}'"):
        describe.everything_named(wrong, ())


def test_everything_installed_can_be_told_as_json() -> None:
    """No description holds what JSON cannot."""
    names = [*catalogue.paths(), *Catalogue.discover().names(), *named.everything()]
    for registry in (discovery.tasks(), discovery.datasets(), discovery.extractors()):
        names += [entry.name for entry in registry]
    assert len(names) > 10
    for name in names:
        found = describe.everything_named(name, ())
        assert json.loads(json.dumps(found)) == found
