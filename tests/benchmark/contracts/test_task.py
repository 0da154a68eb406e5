"""What a task gives and is given."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from benchmark.contracts.task import Metric, Needs, TaskContext, Value


@pytest.mark.parametrize(
    ("metric", "extractor", "key"),
    [
        ("fd", "random-network", "fd.random-network"),
        ("fd", "inception.clean", "fd.inception.clean"),
        ("auc-tstr", None, "auc-tstr"),
    ],
)
def test_a_value_is_named_by_its_metric_and_its_extractor(metric, extractor, key):
    """Where features are involved; no number goes by the metric's name alone then."""
    assert Value(metric=metric, value=1.0, n={"test": 1}, extractor=extractor).key == key


def test_a_bare_value_claims_nothing():
    """No interval, no note, no refusal unless they are given; its further numbers are its own."""
    first, second = Value("fd", 1.0, {"test": 1}), Value("fd", 1.0, {"test": 1})
    assert (first.interval, first.replicates, first.refused, first.note) == (None, None, None, None)
    assert first.samples == {}
    assert first.samples is not second.samples


def test_a_value_does_not_change():
    """It is what was measured."""
    with pytest.raises(FrozenInstanceError):
        Value("fd", 1.0, {"test": 1}).value = 2.0


def test_a_metric_compares_at_equal_n_unless_it_says_otherwise():
    """The careful choice is the one made by default."""
    fields = dict.fromkeys(("name", "title", "unit", "estimand", "definition", "source", "blind_to"), "x")
    made = Metric(direction="lower", bounds=(0.0, None), bounded_by=(), **fields)
    assert made.comparable_at == "equal N"


def test_a_task_needs_nothing_it_does_not_name():
    """Neither features nor images nor a baseline nor labels."""
    assert (Needs().features, Needs().images, Needs().baseline, Needs().labels) == ((), (), False, False)


def test_a_tasks_progress_may_be_ignored(tmp_path):
    """It can be told, whether somebody listens or not."""
    context = TaskContext(seed=1, device="cpu", folder=tmp_path, classes=("a",))
    assert context.progress(1, 2, "replicates") is None
