"""Pictures of a board, from a store that still holds the images."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from benchmark.artifacts import clustering
from benchmark.records.schema import StepEntry
from benchmark.store.store import Store
from leaderboard.pictures import clusters, gallery, samples
from leaderboard.table import boards


@pytest.fixture
def store(tmp_path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


def _record(made, *keys, kind="sample", **changes):
    steps = tuple(StepEntry(kind=kind, title=f"a {kind}", key=key, digest="0" * 64) for key in keys)
    return made.record("label-prompts", made.value(1.0), steps=steps, **changes)


def test_first_requests_of_each_label_in_their_order(made, store) -> None:
    """Over all shards, whatever order the record lists them in."""
    made.shard(store, "b" * 64, 0, 3)
    made.shard(store, "a" * 64, 3, 5)
    found = samples.read(store, [_record(made, "a" * 64, "b" * 64)], most=2)
    assert [(one.label, one.total) for one in found.labels] == [("normal", 2), ("tumor", 3)]
    assert [image[0, 0, 0] for image in found.labels[0].images] == [10, 40]
    assert [image[0, 0, 0] for image in found.labels[1].images] == [0, 20]
    assert found.labels[1].prompts == (("tumor <b>", 3),)


def test_least_seed_that_is_still_there(made, store) -> None:
    """Images that the store no longer holds are passed over."""
    made.shard(store, "c" * 64, 0, 5)
    records = [_record(made, "gone", seed=0), _record(made, "c" * 64, seed=1)]
    assert samples.read(store, records, most=2).seed == 1
    assert samples.read(store, records[:1], most=2) is None


def test_damaged_image_set_is_left_out(made, store) -> None:
    """A picture never keeps a board from being written."""
    folder = made.shard(store, "d" * 64, 0, 5)
    (folder / "images.npy").write_bytes(b"")
    assert samples.read(store, [_record(made, "d" * 64)], most=2) is None
    (folder / "manifest.csv").write_text("nothing\n")
    assert samples.read(store, [_record(made, "d" * 64)], most=2) is None


def test_pictures_of_a_row(made, store) -> None:
    """A sheet and a strip a label, with alternative texts, in files below the board."""
    made.shard(store, "e" * 64, 0, 5)
    (board,) = boards.of([_record(made, "e" * 64)])
    found = gallery.of(board, store)
    own = found.galleries["label-prompts"]
    assert [picture.caption for picture in own.strip] == ["normal", "tumor"]
    assert set(found.files) == {picture.file for picture in (*own.labels, *own.strip)}
    assert all(picture.alt and picture.file.startswith("pictures/") for picture in own.labels)
    for content in found.files.values():
        assert Image.open(io.BytesIO(content)).format == "PNG"


def _clustering(made, store, assignments):
    folder = store.folder_of("fit", "f" * 64)
    folder.mkdir(parents=True)
    about = clustering.About("encoder", 3, 0, 10, 1.0)
    bare = {"shift": np.zeros(2), "scale": np.ones(2), "centers": np.zeros((3, 2))}
    clustering.write(folder, clustering.Clustering(about=about, assignments=np.array(assignments), **bare))
    made.finish(folder)


def test_clusters_without_the_data_say_why_there_are_no_images(made, store) -> None:
    """Sizes are known all the same, an empty cluster among them."""
    _clustering(made, store, [0, 2, 2, 0, 2])
    found = clusters.read(store, [_record(made, "f" * 64, kind="fit")], most=4)
    assert [one.size for one in found.clusters] == [2, 0, 3]
    assert found.missing == "the store no longer holds the dataset's index"
    assert all(one.images is None for one in found.clusters)


def test_a_fit_without_clustering_has_no_clusters(made, store) -> None:
    """Most generators leave none."""
    store.folder_of("fit", "f" * 64).mkdir(parents=True)
    made.finish(store.folder_of("fit", "f" * 64))
    assert clusters.read(store, [_record(made, "f" * 64, kind="fit")], most=4) is None


@pytest.fixture
def toy_data(made, store):
    """The toy dataset, made and indexed as the engine leaves it."""
    from toybench.data import Toy

    from benchmark.artifacts import dataset_index

    folder = store.folder_of("data", "9" * 64)
    folder.mkdir(parents=True)
    toy = Toy(count=12)
    toy.make(folder, lambda *_: None)
    dataset_index.write(folder, toy, folder, lambda *_: None)
    made.finish(folder)
    return toy.open(folder, "train").read(0, 12)


def test_images_of_a_cluster_are_the_training_images_it_was_given(made, store, toy_data) -> None:
    """Image by image, with the labels counted."""
    assignments = [0, 1, 2] * 4
    _clustering(made, store, assignments)
    record = _record(made, "f" * 64, kind="fit")
    data = StepEntry(kind="data", title="dataset", key="9" * 64, digest="0" * 64)
    dataset = record.dataset.model_copy(update={"name": "toy", "params": {"count": 12}})
    record = record.model_copy(update={"steps": (*record.steps, data), "dataset": dataset})
    found = clusters.read(store, [record], most=3)
    assert found.missing is None
    np.testing.assert_array_equal(found.clusters[1].images, toy_data[[1, 4, 7]])
    assert found.clusters[1].labels == (("dark", 2), ("bright", 2))


def test_a_record_names_no_code(made, store, toy_data) -> None:
    """A dataset that no installed package offers is not opened."""
    _clustering(made, store, [0] * 12)
    record = _record(made, "f" * 64, kind="fit")
    data = StepEntry(kind="data", title="dataset", key="9" * 64, digest="0" * 64)
    dataset = record.dataset.model_copy(update={"name": "os:system", "params": {}})
    record = record.model_copy(update={"steps": (*record.steps, data), "dataset": dataset})
    assert clusters.read(store, [record], most=3).missing == "no installed package offers the dataset 'os:system'"


def test_other_data_than_were_clustered_are_not_shown(made, store, toy_data) -> None:
    """A wrong picture is worse than none."""
    _clustering(made, store, [0, 1])
    record = _record(made, "f" * 64, kind="fit")
    data = StepEntry(kind="data", title="dataset", key="9" * 64, digest="0" * 64)
    dataset = record.dataset.model_copy(update={"name": "toy", "params": {"count": 12}})
    record = record.model_copy(update={"steps": (*record.steps, data), "dataset": dataset})
    found = clusters.read(store, [record], most=3)
    assert "not those that were clustered" in found.missing
