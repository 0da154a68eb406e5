"""A trial: a few images of the suite, in a store of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmark.conformance.trial import Trial


@pytest.fixture
def trial(choice, tmp_path: Path):
    """Prepares a class of ``entrants.py``."""

    def make(name: str, **more) -> Trial:
        return Trial.prepare(choice(name, **more), "mine", tmp_path / "trial")

    return make


def test_a_trial_is_on_the_suite_s_data_and_leaves_nothing_elsewhere(trial, tmp_path):
    """One variant; all that is made lies in the trial's own folder."""
    made = trial("Sound", fits=True)
    assert (made.cell.variant.name, made.count) == ("mine", 24)
    made.sample(0, 3)
    assert made.worker.store.root == tmp_path / "trial" / "store"
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == {"trial", "mine.yaml", "entrants.py"}
    assert {kind for kind, *_ in made.worker.store.objects()} == {"data", "fit"}


def test_real_images_are_cut_down_and_still_enough(trial, toy_suite):
    """At most 128 a role; images drawn at once stay 24, and fewer where the suite has fewer."""
    suite = toy_suite("large", dataset={"name": "toy", "params": {"count": 300}}, n=200)
    made = trial("Sound", fits=True, suite=suite)
    images, labels = made.learnt()
    assert images.shape == (128, 16, 16, 3)
    assert made.count == len(made.labels) == 24
    assert images[labels == 1].mean() > images[labels == 0].mean() + 50
    assert trial("Sound", suite=toy_suite("tiny", n=5)).count == 5


def test_labels_and_classes_are_those_of_the_requests(trial):
    """As many as are drawn at once."""
    made = trial("Sound")
    prompts = made.sample(0, 24).prompts
    assert made.classes == ("dark", "bright")
    assert prompts == [f"a {made.classes[label]} square" for label in made.labels]
    assert sorted(np.bincount(made.labels)) == [12, 12]


def test_a_part_of_the_requests_can_be_drawn(trial):
    """From one position to another, as in a shard."""
    made = trial("Sound")
    np.testing.assert_array_equal(made.sample(7, 9).images, made.sample(0, 24).images[7:9])


def test_a_fresh_trial_has_a_generator_of_its_own_and_the_same_fit(trial):
    """What the first object counted is forgotten; what was fitted is not."""
    made = trial("Streaming", fits=True)
    first, second = made.sample(0, 6).images, made.sample(0, 6).images
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(made.fresh().sample(0, 6).images, first)
    assert len([kind for kind, *_ in made.worker.store.objects() if kind == "fit"]) == 1


def test_a_fit_is_stopped_in_each_of_its_phases(trial):
    """Half-way through each, and gone on with from what it left in scratch."""
    made = trial("Tracing", fits=True)
    assert made.sample(0, 2).prompts == ["started once"] * 2
    trace = made.resumed().sample(0, 2).prompts[0]
    assert trace == (
        "started, load 0, load 1, load 2; started, load 0, load 1, load 2, load 3, train 0, train 1, train 2; "
        "started, load 0, load 1, load 2, load 3, train 0, train 1, train 2, train 3"
    )


def test_a_resumed_trial_leaves_the_first_as_it_was(trial):
    """Its fit is its own, and so is its folder."""
    made = trial("Phased", fits=True)
    before = made.sample(0, 4).images
    after = made.resumed().sample(0, 4).images
    assert not np.array_equal(before, after)
    np.testing.assert_array_equal(made.sample(0, 4).images, before)


def test_a_fit_of_many_phases_is_stopped_a_few_times_only(trial):
    """A phase for every step would cost a fit for every step."""
    made = trial("Chatty", fits=True)
    assert made.resumed().sample(0, 1).prompts == ["started 4 times"]
