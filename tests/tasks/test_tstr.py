"""TSTR: what is trained on what, the same real reference for all variants, and intervals that say what they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmark import seeds
from benchmark.contracts.images import ArraySource, Images
from benchmark.contracts.task import Inputs
from benchmark.errors import UserError
from benchmark.statistics import jackknife
from tasks import tstr
from tasks.classifier import training
from tasks.tstr import Tstr

QUICK = Tstr(classifiers=2, epochs=3, batch=16, width=8)


@pytest.fixture
def roles(patches):
    """Real training and test images hard to tell, and synthetic images with labels that say something or nothing."""
    return {
        "train": patches(120, 0, contrast=20),
        "test": patches(100, 1, contrast=20),
        "told": patches(90, 2, contrast=20),
        "untold": patches(90, 3, contrast=20, told=False),
    }


@pytest.fixture
def measured(roles, context):
    """The values of a task by metric, after its baseline."""

    def measure(task=QUICK, *, synthetic="told", seed=1, **changed):
        images = {**roles, **changed}
        given = {name: images[name] for name in ("train", "test")}
        at = replace(context, seed=seed)
        task.baseline(Inputs(features={}, images=given, baseline=None), at)
        given["synthetic"] = images[synthetic]
        found = task.measure(Inputs(features={}, images=given, baseline=at.folder), at)
        return {value.metric: value for value in found}

    return measure


@pytest.fixture
def trainings(monkeypatch):
    """All calls of the training, which is the real one: images, recipe and seed."""
    found = []
    train = training.train

    def watched(images, recipe, *, seed, device):
        found.append((images, recipe, seed, device))
        return train(images, recipe, seed=seed, device=device)

    monkeypatch.setattr(training, "train", watched)
    return found


def test_useful_images_are_told_from_useless_ones(measured, patches):
    """One set of labels without meaning may fall out either way; twelve, at seeds of their own, average to one half."""
    useful = measured()
    sets = [patches(90, 30 + number, contrast=20, told=False) for number in range(12)]
    one_each = replace(QUICK, classifiers=1)
    areas = [measured(one_each, told=one, seed=number)["auc-tstr"].value for number, one in enumerate(sets)]
    assert np.mean(areas) == pytest.approx(0.5, abs=3.1 * np.std(areas, ddof=1) / 12**0.5)
    assert useful["auc-tstr"].value > 0.75 > np.mean(areas) + 0.1
    assert useful["auc-trtr"].value > 0.75


def test_the_reference_is_the_same_for_all_variants(measured):
    """And is what the gap is taken from: first synthetic, less real."""
    useful, useless = measured(synthetic="told"), measured(synthetic="untold")
    assert useful["auc-trtr"] == useless["auc-trtr"]
    for found in (useful, useless):
        assert found["auc-gap"].value == pytest.approx(found["auc-tstr"].value - found["auc-trtr"].value)


def test_values_are_mean_areas_of_the_classifiers(measured, context, roles, monkeypatch):
    """By scikit-learn, from the scores themselves; the gap is their difference; the spread is over trainings."""
    kept = []
    scores = training.scores
    monkeypatch.setattr(
        training, "scores", lambda *arguments, **options: kept.append(scores(*arguments, **options)) or kept[-1]
    )
    found = measured(replace(QUICK, classifiers=3))
    areas = [roc_auc_score(roles["test"].labels, logits[:, 1] - logits[:, 0]) for logits in kept]
    stored = np.load(context.folder / "scores.npy")
    np.testing.assert_array_equal(stored, [logits[:, 1] - logits[:, 0] for logits in kept[:3]])
    for name, part in (("auc-trtr", areas[:3]), ("auc-tstr", areas[3:])):
        assert found[name].value == pytest.approx(np.mean(part), abs=1e-12)
        assert found[name].samples == {
            "classifiers": 3.0, "classifiers_sd": pytest.approx(np.std(part, ddof=1)),
        }  # fmt: skip
    assert found["auc-gap"].value == pytest.approx(np.mean(areas[3:]) - np.mean(areas[:3]), abs=1e-12)
    assert found["auc-gap"].samples == {}


def test_copies_of_the_training_images_leave_no_gap(measured, roles):
    """The same images, order and seeds: the same classifiers to the last bit, and a difference of exactly nothing."""
    found = measured(synthetic="train")
    assert found["auc-tstr"].value == found["auc-trtr"].value
    gap = found["auc-gap"]
    assert (gap.value, gap.interval.low, gap.interval.high) == (0.0, 0.0, 0.0)


def test_classifiers_of_both_sides_share_recipe_and_seeds(measured, trainings, roles, context):
    """One seed a classifier, derived from the task's; synthetic training sees synthetic images alone."""
    task = Tstr(classifiers=2, epochs=2, batch=9, learning_rate=1e-3, width=4, validation=0.3)
    measured(task)
    expected = [seeds.derive(context.seed, "classifier", number) for number in range(2)]
    assert [seed for _, _, seed, _ in trainings] == expected * 2
    assert {(recipe, device) for _, recipe, _, device in trainings} == {(training.Recipe(2, 9, 1e-3, 4, 0.3), "cpu")}
    for images, _, _, _ in trainings[2:]:
        assert images is roles["told"]
    for images, _, _, _ in trainings[:2]:
        np.testing.assert_array_equal(images.read(0, 200), roles["train"].read(0, 200))


def test_part_of_the_real_images_is_drawn_by_the_seed(trainings, roles, context, tmp_path):
    """At random, in order of rows, none twice, with labels and slides; another seed draws others."""
    images = {name: roles[name] for name in ("train", "test")}
    drawn = []
    for seed in (1, 1, 2):
        trainings.clear()
        Tstr(classifiers=1, epochs=1, width=4, real_n=50).baseline(
            Inputs(features={}, images=images, baseline=None), replace(context, seed=seed)
        )
        part = trainings[0][0]
        assert len(part) == 50
        assert part.digest == "50 of 0"
        assert (np.diff(part.rows) > 0).all()
        np.testing.assert_array_equal(part.labels, roles["train"].labels[part.rows])
        np.testing.assert_array_equal(part.slides, roles["train"].slides[part.rows])
        drawn.append(part.rows.tolist())
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0] != list(range(50))


@pytest.mark.parametrize(("real_n", "used"), [(None, 120), (70, 70), (500, 120)])
def test_numbers_of_images_are_those_used(real_n, used, measured):
    """More than there are is all there are."""
    found = measured(replace(QUICK, classifiers=1, epochs=1, real_n=real_n))
    assert {tuple(value.n.items()) for value in found.values()} == {
        (("synthetic", 90), ("real training", used), ("test", 100))
    }


def test_intervals_are_by_slide_where_slides_are_known(measured):
    """Nine degrees of freedom of ten slides, on the logit scale; the difference on the plain one."""
    found = measured(synthetic="untold")
    assert found["auc-tstr"].interval.method == "Obuchowski, clustered by slide, logit scale"
    assert found["auc-gap"].interval.method == "Obuchowski, clustered by slide, paired"
    for value in found.values():
        assert value.interval.df == 9
        assert value.slides == {"test": 10}
        assert value.interval.low <= value.value <= value.interval.high
        assert value.note is None


def test_fewer_real_images_than_were_asked_for_are_said(measured):
    """Of the values that real training has a part in; as many as there are is no news."""
    found = measured(replace(QUICK, real_n=500))
    said = "500 real training images were asked for, 120 are there"
    assert {name: value.note for name, value in found.items()} == {
        "auc-tstr": None, "auc-trtr": said, "auc-gap": said,
    }  # fmt: skip
    assert {value.note for value in measured(replace(QUICK, real_n=120)).values()} == {None}


def test_unknown_slides_are_said(measured, patches):
    """Of all three, in the note and in the method."""
    found = measured(test=patches(100, 1, contrast=20, slides=None), synthetic="untold")
    for value in found.values():
        assert value.note == "slides unknown: the interval treats patches as independent"
        assert "DeLong, patch level, ignores slides" in value.interval.method
        assert value.interval.df is None
        assert value.slides == {}


def test_values_without_each_slide_pair_two_variants(measured, patches):
    """Leaving out a slide leaves out its images under every classifier; two variants on one test set pair."""
    test = patches(100, 1, contrast=20)
    one, other = (measured(test=test, synthetic=name)["auc-tstr"] for name in ("untold", "told"))
    (side,) = one.replicates.sides
    assert (one.replicates.full, side.role, len(side.values)) == (one.value, "test", 10)
    assert jackknife.difference(one.replicates, other.replicates).full == pytest.approx(one.value - other.value)


def test_values_without_each_slide_are_those_of_the_rest():
    """By scikit-learn, averaged over classifiers; none where a class would be left without two images."""
    rng = np.random.default_rng(4)
    labels, slides = np.arange(60) % 2, np.array([f"s{place % 7}" for place in range(60)])
    images = Images(ArraySource(np.zeros((60, 1, 1, 3), np.uint8)), np.arange(60), labels, ("a", "b"), slides, "x")
    scores = rng.normal(size=(3, 60)) + labels
    found = tstr._replicates(scores, images)
    for number, value in enumerate(found.sides[0].values):
        kept = np.arange(60) % 7 != number
        assert value == pytest.approx(np.mean([roc_auc_score(labels[kept], row[kept]) for row in scores]))
    lonely = replace(images, labels=(slides == "s0").astype(np.int64))
    assert tstr._replicates(scores, lonely) is None


def test_one_classifier_has_no_spread(measured):
    """Rather than one of zero."""
    found = measured(replace(QUICK, classifiers=1))
    assert [value.samples for value in found.values()] == [{}, {}, {}]


def test_three_classes_are_each_told_from_all_others(measured, patches, context, monkeypatch):
    """The value is scikit-learn's macro mean of the softmax, the gap is paired, the method says what it is."""
    kept, scores = [], training.scores
    monkeypatch.setattr(
        training, "scores", lambda *arguments, **options: kept.append(scores(*arguments, **options)) or kept[-1]
    )
    three = {name: patches(90, number, classes=3) for number, name in enumerate(("train", "test", "synthetic"))}
    found = measured(
        replace(QUICK, classifiers=2, epochs=1), train=three["train"], test=three["test"], told=three["synthetic"]
    )
    shares = [np.exp(one) / np.exp(one).sum(axis=1, keepdims=True) for one in kept]
    areas = [roc_auc_score(three["test"].labels, one, multi_class="ovr", average="macro") for one in shares]
    assert found["auc-trtr"].value == pytest.approx(np.mean(areas[:2]), abs=1e-12)
    assert found["auc-tstr"].value == pytest.approx(np.mean(areas[2:]), abs=1e-12)
    assert found["auc-gap"].value == pytest.approx(np.mean(areas[2:]) - np.mean(areas[:2]), abs=1e-12)
    assert found["auc-tstr"].interval.low < found["auc-tstr"].value < found["auc-tstr"].interval.high
    assert found["auc-tstr"].interval.method == "macro one-vs-rest, linearized, clustered by slide, logit scale"
    assert found["auc-tstr"].replicates is not None
    assert found["auc-tstr"].n == {"synthetic": 90, "real training": 90, "test": 90}


def test_one_class_is_refused(measured, patches):
    """With the reason in place of each number."""
    one = {name: replace(patches(40, number), classes=("all",), labels=np.zeros(40, np.int64))
           for number, name in enumerate(("train", "test", "told"))}  # fmt: skip
    for value in measured(replace(QUICK, classifiers=1, epochs=1), **one).values():
        assert (value.value, value.interval) == (None, None)
        assert value.refused == "the dataset has 1 class; there is nothing to tell apart"


def test_a_class_of_one_test_slide_is_refused(measured, patches):
    """Before any number."""
    test = patches(40, 1)
    lonely = replace(test, slides=np.where(test.labels == 1, "s0", test.slides))
    with pytest.raises(UserError, match="All images of a class are from one slide"):
        measured(replace(QUICK, classifiers=1, epochs=1), test=lonely)


def test_progress_is_told(roles, context):
    """Classifier by classifier."""
    told = []
    QUICK.baseline(
        Inputs(features={}, images={name: roles[name] for name in ("train", "test")}, baseline=None),
        replace(context, progress=lambda *said: told.append(said)),
    )
    assert told == [(1, 2, "classifiers trained"), (2, 2, "classifiers trained")]


def test_baseline_leaves_scores_and_count(roles, context):
    """Of the test images, one row a classifier, readable without pickles."""
    images = {name: roles[name] for name in ("train", "test")}
    replace(QUICK, epochs=1).baseline(Inputs(features={}, images=images, baseline=None), context)
    assert sorted(path.name for path in context.folder.iterdir()) == ["count.npy", "scores.npy"]
    scores = np.load(context.folder / "scores.npy", allow_pickle=False)
    assert (scores.shape, scores.dtype) == ((2, 100), np.float64)
    assert int(np.load(context.folder / "count.npy", allow_pickle=False)) == 120


def test_metrics_say_what_they_are():
    """The reference is bounded by no row, for it is the same on all; the gap may be below zero."""
    assert [metric.name for metric in Tstr.metrics] == ["auc-tstr", "auc-trtr", "auc-gap"]
    assert [metric.bounds for metric in Tstr.metrics] == [(0.0, 1.0), (0.0, 1.0), (-1.0, 1.0)]
    assert [metric.bounded_by for metric in Tstr.metrics] == [("real-holdout", "noise"), (), ("real-holdout", "noise")]
    assert [metric.compares for metric in Tstr.metrics] == [True, True, False]
    assert [metric.direction for metric in Tstr.metrics] == ["higher", "reference", "higher"]
    assert Tstr.needs.baseline
