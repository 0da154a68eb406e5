"""Clusterings: nearest centers, and files."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from benchmark.artifacts import clustering
from benchmark.artifacts.clustering import LEFT_OUT, About, Clustering

ABOUT = About(extractor="dino", k=3, seed=7, n_init=10, inertia=12.5)


def made(centers, *, shift=None, scale=None) -> Clustering:
    """A clustering of given centers; features are clustered raw unless told otherwise."""
    centers = np.asarray(centers, np.float64)
    width = centers.shape[1]
    return Clustering(
        about=replace(ABOUT, k=len(centers)),
        shift=np.zeros(width) if shift is None else np.asarray(shift, np.float64),
        scale=np.ones(width) if scale is None else np.asarray(scale, np.float64),
        centers=centers,
        assignments=np.array([2, 0, 1, 1], np.int64),
    )


def test_rows_go_to_the_nearest_center():
    """By hand."""
    found = made([[0.0, 0.0], [4.0, 0.0], [0.0, 3.0]]).assign([[1.9, 0.0], [2.1, 0.0], [0.0, 1.6], [9.0, -9.0]])
    assert found.tolist() == [0, 1, 2, 1]
    assert found.dtype == np.int64


def test_every_distance_is_computed_as_it_is_defined():
    """Against all distances, one by one, with many rows, wide features and a scaling."""
    draws = np.random.default_rng(0)
    one = made(draws.normal(size=(7, 20)), shift=draws.normal(size=20), scale=draws.uniform(0.5, 2.0, 20))
    rows = (one.centers[draws.integers(0, 7, 200)] + draws.normal(0, 2, (200, 20))) * one.scale + one.shift
    expected = [
        min(range(7), key=lambda k, row=row: sum(((row - one.shift) / one.scale - one.centers[k]) ** 2)) for row in rows
    ]
    assert one.assign(rows).tolist() == expected
    assert len(set(expected)) == 7


def test_features_are_shifted_first_and_scaled_next():
    """(5 - 1) / 2 is 2, which is a center; 5 / 2 - 1 is 1.5, which is nearer to the other."""
    assert made([[1.0], [2.0]], shift=[1.0], scale=[2.0]).assign([[5.0]]).tolist() == [1]
    assert made([[1.4], [2.0]], shift=[1.0], scale=[2.0]).assign([[5.0]]).tolist() == [1]


def test_the_first_center_has_a_tie():
    """Between two, and where two centers are one."""
    assert made([[2.0], [0.0], [4.0]]).assign([[1.0], [3.0]]).tolist() == [0, 0]
    assert made([[5.0], [1.0], [1.0]]).assign([[1.0]]).tolist() == [1]


def test_features_of_the_extractors_type_are_taken():
    """float32, and none at all."""
    one = made([[0.0, 0.0], [4.0, 0.0]])
    assert one.assign(np.array([[3.0, 0.0]], np.float32)).tolist() == [1]
    assert one.assign(np.empty((0, 2), np.float32)).tolist() == []


def test_a_clustering_reads_back_as_it_was_written(tmp_path):
    """All arrays and how it was made; shift and scale are not taken for each other."""
    one = made([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], shift=[1.0, 2.0], scale=[3.0, 4.0])
    clustering.write(tmp_path, one)
    found = clustering.read(tmp_path)
    assert found.about == one.about
    for name in ("shift", "scale", "centers", "assignments"):
        written, read = getattr(one, name), getattr(found, name)
        assert (read.dtype, read.tolist()) == (written.dtype, written.tolist()), name


def test_it_lies_in_a_folder_of_its_own(tmp_path):
    """Beside what else a fit leaves; what it is can be read by people."""
    clustering.write(tmp_path, made([[0.0], [1.0]]))
    names = sorted(path.name for path in (tmp_path / "clustering").iterdir())
    assert names == ["about.json", "assignments.npy", "centers.npy", "scaling.npy"]
    wanted = {**asdict(ABOUT), "k": 2}
    assert wanted.pop("batch") is None  # And so it is left out, as in older clusterings.
    assert json.loads((tmp_path / "clustering" / "about.json").read_text()) == wanted
    clustering.write(tmp_path, made([[0.0], [9.0]]))
    assert clustering.read(tmp_path).centers.tolist() == [[0.0], [9.0]]


def test_a_clustering_by_mini_batches_says_so(tmp_path):
    """Also after a round trip."""
    one = made([[0.0], [1.0]])
    clustering.write(tmp_path, replace(one, about=replace(one.about, batch=256)))
    found = clustering.read(tmp_path)
    assert found is not None
    assert found.about.batch == 256


def test_distances_are_in_the_space_of_the_centers():
    """(7 - 1) / 2 is 3, which is 1 from the center 2; and to a center that is named, not to the nearest."""
    one = made([[2.0], [0.0]], shift=[1.0], scale=[2.0])
    assert one.distances([[7.0], [7.0]], np.array([0, 1])).tolist() == [1.0, 3.0]


def test_a_fit_without_one_has_none(tmp_path):
    """Prompts by label alone need none."""
    assert clustering.read(tmp_path) is None
    (tmp_path / "clustering").write_text("a file")
    assert clustering.read(tmp_path) is None


def test_half_of_one_is_an_error(tmp_path):
    """Never a clustering of what is left."""
    clustering.write(tmp_path, made([[0.0], [1.0]]))
    (tmp_path / "clustering" / "centers.npy").unlink()
    with pytest.raises(FileNotFoundError):
        clustering.read(tmp_path)


def test_images_that_were_left_out_count_nowhere():
    """A cluster that is empty has size 0."""
    about = About(extractor="x", k=4, seed=0, n_init=1, inertia=0.0)
    scaling, centers = np.zeros(1), np.zeros((4, 1))
    made = Clustering(about, scaling, scaling + 1, centers, np.array([1, LEFT_OUT, 1, 2, LEFT_OUT]))
    assert made.sizes().tolist() == [0, 2, 1, 0]
