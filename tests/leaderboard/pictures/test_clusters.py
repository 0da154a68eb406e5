"""Real training images of each cluster."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmark.artifacts import clustering, dataset_index
from benchmark.artifacts import roles as roles_of_split
from benchmark.errors import UserError
from benchmark.records.schema import StepEntry
from benchmark.registry import discovery
from benchmark.registry.registry import Registry
from benchmark.store.store import Store
from benchmark.suite.schema import RoleEntry
from leaderboard.pictures import clusters

FIT, DATA = "f" * 64, "9" * 64
ASSIGNMENTS = [0, 2, 2, 0, 2, 2, 0, 0, 2, 2, 2, 0]


def test_images_labels_and_sizes_of_each_cluster(store, fitted, record, train) -> None:
    """By hand: dark squares have even places, bright ones odd; cluster 0 has the places 0, 3, 6, 7 and 11."""
    fitted(ASSIGNMENTS)
    found = clusters.read(store, [record()], most=3)
    assert (found.missing, found.seed) == (None, 0)
    assert [(one.number, one.size) for one in found.clusters] == [(0, 5), (1, 0), (2, 7)]
    assert found.clusters[0].labels == (("dark", 2), ("bright", 3))
    assert found.clusters[2].labels == (("dark", 4), ("bright", 3))
    np.testing.assert_array_equal(found.clusters[0].images, train[[0, 3, 6]])
    np.testing.assert_array_equal(found.clusters[2].images, train[[1, 2, 4]])


def test_how_it_was_made_is_told(store, fitted, record) -> None:
    """As the fit wrote it."""
    fitted(ASSIGNMENTS)
    about = clusters.read(store, [record()], most=1).about
    assert (about.extractor, about.k, about.seed, about.n_init, about.inertia) == ("encoder", 3, 7, 10, 1.5)


def test_an_empty_cluster_and_labels_that_do_not_occur(store, fitted, record) -> None:
    """No picture, no label; one of bright images alone has one label."""
    fitted([1, 2] * 6)
    empty, dark, bright = clusters.read(store, [record()], most=2).clusters
    assert (empty.size, empty.labels, empty.images) == (0, (), None)
    assert (dark.labels, bright.labels) == ((("dark", 6),), (("bright", 6),))


def test_only_the_images_of_the_role_are_shown(store, fitted, record, train) -> None:
    """The variant learned from the last third of the split."""
    fitted([0, 1, 2, 1])
    roles = {"train": RoleEntry(split="train", part=(2 / 3, 1.0), by="image"), "reference": RoleEntry(split="valid")}
    chosen = record(roles=roles)
    found = clusters.read(store, [chosen], most=9)
    assert found.missing is None
    assert [one.size for one in found.clusters] == [1, 2, 1]
    index = dataset_index.read(store.folder_of("data", DATA), "train")
    rows = roles_of_split.choose(index, roles["train"])
    assert rows.tolist() != [0, 1, 2, 3]
    for number, places in enumerate([[0], [1, 3], [2]]):
        np.testing.assert_array_equal(found.clusters[number].images, train[rows[places]])


def test_the_least_seed_whose_fit_is_still_there(store, fitted, record) -> None:
    """Whatever the order of the records."""
    fitted(ASSIGNMENTS)
    fitted([1] * 12, key="e" * 64)
    records = [record(seed=5), record(seed=3, fit="e" * 64), record(seed=1, fit="gone")]
    found = clusters.read(store, records, most=1)
    assert found.seed == 3
    assert [one.size for one in found.clusters] == [0, 12, 0]


def test_clusters_of_prompts_are_shown_before_those_of_a_fit(store, fitted, record, train) -> None:
    """Also where the fit left some of its own; images that were left out stand in none."""
    fitted(ASSIGNMENTS)
    fitted([1, 1, -1, 0] + [-1] * 8, key="d" * 64, kind="prompts")
    found = clusters.read(store, [record(prompts="d" * 64)], most=9)
    assert [one.size for one in found.clusters] == [1, 2, 0]
    np.testing.assert_array_equal(found.clusters[1].images, train[[0, 1]])


def test_a_variant_that_learned_nothing_has_none(store, fitted, record) -> None:
    """Neither a fit nor a clustering: no clusters."""
    fitted(ASSIGNMENTS)
    assert clusters.read(store, [record(fit=None)], most=1) is None
    assert clusters.read(store, [], most=1) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"data": None}, "the store no longer holds the dataset's index"),
        ({"data": "gone"}, "the store no longer holds the dataset's index"),
        ({"fits_on": None}, "the store no longer holds the dataset's index"),
        ({"fits_on": "holdout"}, "the store no longer holds the dataset's index"),
        ({"name": "os:system"}, "no installed package offers the dataset 'os:system'"),
        ({"name": "pcam"}, "the real images are not in the store"),
        ({"params": {"count": 12, "colour": "red"}}, "the training images in the store cannot be read"),
        (
            {"roles": {"train": RoleEntry(split="train", n=4)}},
            "the training images in the store are not those that were clustered",
        ),
    ],
)
def test_why_there_are_no_images(store, fitted, record, changes, reason) -> None:
    """The sizes are told all the same."""
    fitted(ASSIGNMENTS)
    found = clusters.read(store, [record(**changes)], most=3)
    assert found.missing == reason
    assert [(one.size, one.labels, one.images) for one in found.clusters] == [
        (5, (), None),
        (0, (), None),
        (7, (), None),
    ]


@pytest.mark.parametrize("name", ["train-labels.npy", "train.npy"])
def test_damaged_images_are_no_reason_to_show_nothing(store, fitted, record, name) -> None:
    """The index, or the images themselves."""
    fitted(ASSIGNMENTS)
    (store.folder_of("data", DATA) / name).write_bytes(b"no array")
    found = clusters.read(store, [record()], most=3)
    assert found.missing == "the training images in the store cannot be read"
    assert [one.size for one in found.clusters] == [5, 0, 7]


@pytest.mark.parametrize("error", [OSError, UserError, IndexError])
def test_pixels_that_are_damaged_are_found_when_they_are_read(store, fitted, record, outside_dataset, error) -> None:
    """A dataset that opens well; its first image cannot be had."""
    fitted(ASSIGNMENTS)
    outside_dataset(error)
    found = clusters.read(store, [record(name="crumbling")], most=3)
    assert found.missing == "the training images in the store cannot be read"
    assert [(one.size, one.labels, one.images) for one in found.clusters] == [
        (5, (), None),
        (0, (), None),
        (7, (), None),
    ]


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "about.json").write_text("{"),
        lambda folder: (folder / "about.json").write_text(json.dumps({"extractor": "x"})),
        lambda folder: (folder / "about.json").unlink(),
        lambda folder: (folder / "centers.npy").write_bytes(b""),
        lambda folder: np.save(folder / "scaling.npy", np.zeros((3, 2))),
        lambda folder: np.save(folder / "assignments.npy", np.array([-2, 0])),
        lambda folder: np.save(folder / "assignments.npy", np.array([0.5, 1.0])),
    ],
    ids=["no json", "too little", "gone", "empty", "three scalings", "below zero", "no whole numbers"],
)
def test_a_damaged_clustering_gives_way_to_the_next_seed(store, fitted, record, damage) -> None:
    """A board is written whatever is wrong with it."""
    damage(fitted(ASSIGNMENTS) / "clustering")
    assert clusters.read(store, [record()], most=3) is None
    fitted([1] * 12, key="e" * 64)
    assert clusters.read(store, [record(), record(seed=1, fit="e" * 64)], most=3).seed == 1


@pytest.fixture
def store(tmp_path, made) -> Store:
    """A store that holds the toy dataset, made and indexed as the engine leaves it."""
    from toybench.data import Toy

    found = Store(tmp_path / "store")
    folder = found.folder_of("data", DATA)
    folder.mkdir(parents=True)
    toy = Toy(count=12)
    toy.make(folder, lambda *_: None)
    dataset_index.write(folder, toy, folder, lambda *_: None)
    made.finish(folder)
    return found


@pytest.fixture
def train(store):
    """The training images."""
    from toybench.data import Toy

    return Toy(count=12).open(store.folder_of("data", DATA), "train").read(0, 12)


@pytest.fixture
def fitted(store, made):
    """Leaves a fit with a clustering of given assignments in the store, and returns its folder."""

    def leave(assignments, key=FIT, kind="fit"):
        folder = store.folder_of(kind, key)
        folder.mkdir(parents=True)
        about = clustering.About("encoder", 3, 7, 10, 1.5)
        bare = {"shift": np.zeros(2), "scale": np.ones(2), "centers": np.zeros((3, 2))}
        clustering.write(folder, clustering.Clustering(about=about, assignments=np.array(assignments), **bare))
        made.finish(folder)
        return folder

    return leave


@pytest.fixture
def record(made):
    """A record of a variant that was fitted on the toy dataset."""

    def make(fit=FIT, data=DATA, prompts=None, name="toy", params=None, roles=None, fits_on="train", seed=0):
        keys = {"prompts": prompts, "fit": fit, "data": data}
        steps = [StepEntry(kind=kind, title=kind, key=key, digest="0" * 64) for kind, key in keys.items() if key]
        variant = made.variant("label-prompts", fits_on=fits_on)
        one = made.record("label-prompts", seed=seed, steps=tuple(steps), variant=variant)
        changes = {"name": name, "params": {"count": 12} if params is None else params}
        changes |= {} if roles is None else {"roles": roles}
        return one.model_copy(update={"dataset": one.dataset.model_copy(update=changes)})

    return make


@pytest.fixture
def outside_dataset(monkeypatch):
    """Registers a dataset whose pixels cannot be read, with the error it is told."""
    from toybench.data import Toy

    def add(error):
        class Pixels:
            def read(self, rows):
                raise error("damaged")

        class Crumbling(Toy):
            def open(self, root, split):
                return replace(super().open(root, split), source=Pixels())

        found = Registry("dataset")
        found.register("crumbling")(Crumbling)
        monkeypatch.setattr(discovery, "datasets", lambda: found)

    return add
