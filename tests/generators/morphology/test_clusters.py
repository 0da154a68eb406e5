from __future__ import annotations

import numpy as np
import pytest

from benchmark.artifacts import clustering
from benchmark.contracts.images import ArraySource, Images
from benchmark.contracts.progress import silent
from benchmark.errors import UserError
from generators.morphology import clusters


@pytest.fixture
def features():
    """Three far-apart clouds in two features, the second a thousand times wider."""
    rng = np.random.default_rng(0)
    middles = np.array([[0, 0], [10, 0], [5, 9000]])
    return np.concatenate([middle + rng.normal(0, [0.5, 300], (50, 2)) for middle in middles])


def fit(features, k=3, *, standardized=True):
    return clusters.fit(features, k=k, extractor="e", standardized=standardized, seed=18021999, n_init=10)


def test_clouds_are_found_once_features_weigh_the_same(features):
    """Standardised, each cloud is one cluster; raw, the wide feature drowns the narrow one."""
    truth = np.repeat([0, 1, 2], 50)
    found = fit(features).assignments
    assert all(len(set(found[truth == cloud])) == 1 for cloud in range(3))
    assert len(set(found)) == 3
    raw = fit(features, standardized=False).assignments
    assert any(len(set(raw[truth == cloud])) > 1 for cloud in range(3))


def test_equal_on_every_run(features):
    """The same centers bit for bit: one thread, one seed."""
    assert np.array_equal(fit(features).centers, fit(features).centers)


def test_new_images_go_where_training_images_went(features, tmp_path):
    """Assigning the training features again gives their clusters, also after a round trip through a file."""
    found = fit(features)
    clustering.write(tmp_path, found)
    again = clustering.read(tmp_path)
    assert again.assign(features).tolist() == found.assignments.tolist()
    assert again.about == found.about
    assert clustering.read(tmp_path / "clustering") is None


def test_more_clusters_than_distinct_images_is_refused(features):
    """The message names K and what is there."""
    with pytest.raises(UserError, match="K = 4 clusters need at least 4 distinct images; 3 are there"):
        fit(np.repeat(features[:3], 10, axis=0), k=4)


def test_mini_batches_find_the_clouds_too_and_say_so(features):
    """Equal on every run; not the centers of K-means bit for bit, or the option would do nothing."""
    options = {"k": 3, "extractor": "e", "standardized": True, "seed": 18021999, "n_init": 10}
    one, other = (clusters.fit(features, **options, batch=32) for _ in range(2))
    assert np.array_equal(one.centers, other.centers)
    assert all(len(set(one.assignments[cloud * 50 : cloud * 50 + 50])) == 1 for cloud in range(3))
    assert one.about.batch == 32
    whole = clusters.fit(features, **options)
    assert whole.about.batch is None
    assert not np.array_equal(one.centers, whole.centers)


def test_images_are_embedded_at_the_side_asked_for_or_as_they_are():
    """An extractor that tells what it was given."""

    class Side:
        version, summary, width = 1, "The side of an image.", 1

        def to(self, device):
            pass

        def embed(self, images):
            return np.full((len(images), 1), images.shape[1], np.float32)

    pixels = np.zeros((3, 20, 20, 3), np.uint8)
    images = Images(ArraySource(pixels), np.arange(3), np.zeros(3, np.int64), ("",), None, digest="")
    assert clusters.embed(images, Side(), None, silent).tolist() == [[20.0]] * 3
    assert clusters.embed(images, Side(), 8, silent).tolist() == [[8.0]] * 3
