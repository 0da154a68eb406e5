"""What is refused before anything is run: classes that do not load or do not fit, plans that do not fit on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.execution import preflight
from benchmark.registry.variants import Catalogue

CODE = """
NUMBER = 3
def function(k): ...
class Whole:
    def __init__(self, k=1): ...
    def fit(self, train, context): ...
    def sample(self, requests, context): ...
class Sampling:
    def __init__(self, needed): ...
    def sample(self, requests, context): ...
class Fitting:
    def fit(self, train, context): ...
class Attribute:
    sample = 3
class Unlabelled(Whole):
    labelled = False
"""


@pytest.fixture
def check(plan, registry):
    """Checks the steps of one entry of one's own beside those of the toy suite."""

    def go(entry: str) -> None:
        path = registry(CODE, f"mine: {{summary: x, {entry}}}\n")
        preflight.check(plan(generators=["mine", "toy-fitted"], registry=path).steps)

    return go


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("generator: 'mine.py:Absent'", "'mine.py:Absent': mine.py has no attribute 'Absent'"),
        ("generator: 'no_such_module:Mine'", "there is no module 'no_such_module'. Is its package installed"),
        ("generator: 'mine.py:NUMBER'", "variant 'mine': 'mine.py:NUMBER' is no class"),
        ("generator: 'mine.py:Whole', params: {kk: 2}", "variant 'mine': unknown parameter 'kk'. Did you mean 'k'"),
        ("generator: 'mine.py:Sampling'", "variant 'mine': parameter 'needed' is missing"),
        ("generator: 'mine.py:Fitting'", "variant 'mine': 'mine.py:Fitting' has no method 'sample'. See the contract"),
        (
            "generator: 'mine.py:Sampling', params: {needed: 1}, fits_on: train",
            "variant 'mine': 'mine.py:Sampling' has no method 'fit'. See the contract of a generator",
        ),
        ("generator: 'mine.py:Attribute'", "has no method 'sample'"),
        (
            "generator: 'mine.py:Whole', fits_on: train, prompts: {builder: 'mine.py:Whole'}",
            "variant 'mine', key 'prompts': 'mine.py:Whole' has no method 'build'. See the contract of a prompt builder",
        ),
        (
            "generator: 'mine.py:Whole', fits_on: train, prompts: {builder: 'mine.py:Whole', params: {kk: 1}}",
            "variant 'mine', key 'prompts': unknown parameter 'kk'. Did you mean 'k'",
        ),
        ("generator: 'mine.py:function', params: {k: 1}", "'mine.py:function' has no method 'sample'"),
    ],
)
def test_a_generator_that_cannot_work_is_refused(check, entry, said):
    """Before any other variant of the plan has cost an hour."""
    with pytest.raises(UserError, match=said):
        check(entry)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("generator: 'mine.py:Whole', params: {kk: 2}", "variant 'mine': unknown parameter 'kk'. Did you mean 'k'"),
        ("generator: 'mine.py:Sampling', params: {needed: 1}, fits_on: train", "has no method 'fit'"),
        ("generator: 'mine.py:Whole', params: {k: 2}, fits_on: train", None),
    ],
)
def test_a_variant_alone_is_checked_likewise(registry, entry, said):
    """Without a plan."""
    listed = Catalogue.discover([registry(CODE, f"mine: {{{entry}, summary: x}}\n")]).get("mine")
    if said is None:
        preflight.check_variant(listed)
        return
    with pytest.raises(UserError, match=said):
        preflight.check_variant(listed)


@pytest.mark.parametrize(
    "entry",
    [
        "generator: 'mine.py:Whole'",
        "generator: 'mine.py:Whole', params: {k: 2}, fits_on: train",
        "generator: 'mine.py:Sampling', params: {needed: 1}",
    ],
)
def test_a_generator_that_fits_its_entry_passes(check, entry):
    """A class that is only sampled needs no `fit`."""
    assert check(entry) is None


def test_a_task_that_needs_labels_is_refused_where_there_are_none(registry, plan, toy_suite):
    """Named with its variant; the other tasks, and the other variants, may be measured."""
    tasks = {"toy-distance": {}, "tstr": {"classifiers": 1}}
    suite = toy_suite("learning", tasks=tasks, variants=["toy-plain", "mine"], primary=[])
    path = registry(CODE, "mine: {summary: x, generator: 'mine.py:Unlabelled'}\n")
    steps = plan(suite, generators=["mine"], registry=path).steps
    with pytest.raises(UserError, match="Task 'tstr' needs the label of each image, and variant 'mine' draws without"):
        preflight.check(steps)
    assert preflight.check([one for one in steps if one.kind != "measure" or "tstr" not in one.title]) is None
    assert preflight.check(plan(suite, generators=["toy-plain"], registry=path).steps) is None


def test_steps_that_are_done_are_not_looked_at(registry, plan):
    """A fit that is finished needs no method `fit` any more: only what is to be run is checked."""
    path = registry(CODE, "mine: {summary: x, generator: 'mine.py:Sampling', params: {needed: 1}, fits_on: train}\n")
    steps = plan(generators=["mine"], registry=path).steps
    with pytest.raises(UserError, match="has no method 'fit'"):
        preflight.check(steps)
    assert preflight.check([step for step in steps if step.kind != "fit"]) is None
    assert preflight.check([]) is None


def test_a_plan_that_does_not_fit_on_the_disk_is_refused(bench, toy_suite, tmp_path: Path):
    """With the need, what is free, and what to do; nothing is begun, not even the store."""
    suite = toy_suite(dataset={"name": "toy", "params": {"count": 10**15}})
    said = bench("run", "--suite", suite, "--store", tmp_path / "store")
    assert said.code == 2
    assert f"This run needs about 2304000.0 TB in {tmp_path / 'store'}, where " in said.err
    assert "are free. Free some (bench store gc), name another folder with --store, or use --limit." in said.err
    assert "Traceback" not in said.err
    assert not (tmp_path / "store").exists()
