"""The three tasks on sets of known order, as the engine hands them over."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmark.contracts.images import ArraySource, Images
from benchmark.contracts.task import Features, Inputs, TaskContext
from tasks.coverage import Coverage
from tasks.fidelity import Fidelity
from tasks.tstr import Tstr


@pytest.fixture
def context(tmp_path):
    return TaskContext(seed=1, device="cpu", folder=tmp_path, classes=("healthy", "cancer"))


def features(rng, *, shift=0.0, spread=1.0, slides=None):
    values = rng.normal(shift, spread, (200, 4)).astype(np.float32)
    return Features(values=values, labels=np.arange(200) % 2, slides=slides)


def inputs(reference, synthetic):
    return Inputs(features={"toy": {"reference": reference, "synthetic": synthetic}}, images={}, baseline=None)


def by_name(values):
    return {value.metric: value for value in values}


@pytest.fixture
def sets():
    """A reference, one like it, one shifted, and one collapsed to a point within it."""
    rng = np.random.default_rng(0)
    slides = np.array([f"slide-{row % 12}" for row in range(200)])
    return {
        "reference": features(rng, slides=slides), "alike": features(rng),
        "shifted": features(rng, shift=2.0), "collapsed": features(rng, spread=0.05),
    }  # fmt: skip


def test_fidelity_orders_sets_and_qualifies_every_number(sets, context):
    """Alike is nearer than shifted; each distance has interval, N and replicates by slide and by request."""
    near = by_name(Fidelity(permutations=99).measure(inputs(sets["reference"], sets["alike"]), context))
    far = by_name(Fidelity(permutations=99).measure(inputs(sets["reference"], sets["shifted"]), context))
    for name in ("fd", "kd"):
        assert near[name].value < far[name].value
        assert near[name].interval.high < far[name].interval.low
        assert near[name].n == {"reference": 200, "synthetic": 200}
        assert [len(side.values) for side in near[name].replicates.sides] == [12, 20]
    assert far["kd"].samples["null p"] == pytest.approx(0.01)


def test_fidelity_marks_covariances_without_full_rank(sets, context):
    """Fewer images than features: the number says so."""
    few = Features(values=np.eye(6, dtype=np.float32)[:4], labels=np.zeros(4, int), slides=None)
    value = by_name(Fidelity(permutations=9).measure(inputs(few, few), context))["fd"]
    assert "N = 4 is not above D = 6" in value.note


def test_coverage_tells_collapse_from_shift(sets, context):
    """A collapsed set is precise and covers little: swapped roles would turn it around."""
    found = {
        name: by_name(Coverage(splits=10).measure(inputs(sets["reference"], sets[name]), context))
        for name in ("alike", "shifted", "collapsed")
    }
    assert found["collapsed"]["precision-k3"].value > 0.9
    assert found["collapsed"]["recall-k3"].value < 0.1
    assert found["collapsed"]["coverage-k5"].value < 0.3 < found["alike"]["coverage-k5"].value
    assert found["shifted"]["precision-k3"].value < found["alike"]["precision-k3"].value
    interval = found["alike"]["coverage-k5"].interval
    assert interval.low <= found["alike"]["coverage-k5"].value <= interval.high


def test_coverage_refuses_too_few_images(context):
    """With the reason in place of a number."""
    few = Features(values=np.random.default_rng(0).normal(size=(10, 2)), labels=np.zeros(10, int), slides=None)
    values = Coverage().measure(inputs(few, few), context)
    assert all(value.value is None and "k = 5" in value.refused for value in values)


def patches(count, seed, *, told):
    """Images whose second class has a bright middle, or (told = False) labels that mean nothing."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    pixels = rng.normal(100, 30, (count, 16, 16, 3))
    pixels[:, 5:11, 5:11] += (60 * labels if told else 60 * rng.integers(0, 2, count))[:, None, None, None]
    return Images(
        source=ArraySource(np.clip(pixels, 0, 255).astype(np.uint8)), rows=np.arange(count), labels=labels,
        classes=("healthy", "cancer"), slides=np.array([f"s{row // 2 % 10}" for row in range(count)]),
        digest=f"{seed}",
    )  # fmt: skip


def test_tstr_tells_useful_images_from_useless_ones(context, tmp_path):
    """Labels that say something train a classifier; labels that don't leave it at chance; paired with real."""
    task = Tstr(classifiers=2, epochs=4, width=8, real_n=120)
    images = {"train": patches(200, 0, told=True), "test": patches(160, 1, told=True)}
    task.baseline(Inputs(features={}, images=images, baseline=None), context)
    found = {}
    for told in (True, False):
        given = Inputs(features={}, images={**images, "synthetic": patches(120, 2, told=told)}, baseline=tmp_path)
        found[told] = by_name(task.measure(given, context))
    assert found[True]["auc-tstr"].value > 0.9
    assert found[False]["auc-tstr"].value < 0.8
    assert found[True]["auc-trtr"] == found[False]["auc-trtr"]
    assert found[False]["auc-gap"].value == pytest.approx(
        found[False]["auc-tstr"].value - found[False]["auc-trtr"].value
    )
    assert found[True]["auc-tstr"].n == {"synthetic": 120, "real training": 120, "test": 160}
    assert found[False]["auc-tstr"].interval.df == 9
    assert not math.isnan(found[True]["auc-tstr"].samples["sd over training seeds"])
