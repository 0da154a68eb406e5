"""The study's prompts as a builder: which images are kept, what each is described with, and why the others are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.artifacts import clustering
from benchmark.contracts.context import Context
from benchmark.contracts.images import ArraySource, Images
from benchmark.errors import UserError
from benchmark.execution.stages.prompts import check
from benchmark.extractors.texture_statistics import TextureStatistics
from generators.morphology import clusters, outliers
from generators.morphology.builder import MorphologyPrompts

SETTINGS = {"k": 3, "encoder": "texture-statistics", "encoder_side": None, "standardized": True, "kmeans_starts": 3}


@pytest.fixture
def train(kinds) -> Images:
    """48 textured patches of three kinds; healthy ones are of all kinds, cancer of two. The first four are black."""
    rng = np.random.default_rng(1)
    means = np.array([[120, 80, 200], [230, 180, 210], [190, 120, 120]])[kinds][:, None, None]
    pixels = np.clip(means + rng.normal(0, 40, (48, 16, 16, 3)), 0, 255).astype(np.uint8)
    pixels[:4] = 0
    labels = np.where(kinds == 0, 0, np.arange(48) % 2)
    return Images(ArraySource(pixels), np.arange(48), labels, ("healthy", "cancer"), None, digest="d")


@pytest.fixture
def context(tmp_path) -> Context:
    """Surroundings with the extractor that the builder looks through."""
    return Context(
        seed=0, device="cpu", folder=tmp_path, scratch=tmp_path, classes=("healthy", "cancer"),
        _extractors={"texture-statistics": TextureStatistics},
    )  # fmt: skip


def test_each_image_is_described_by_its_label_and_cluster(train, context):
    """In the study's wording, as the clustering says that is left behind; pairs that do not occur have no prompt."""
    found = MorphologyPrompts(**SETTINGS).build(train, context)
    check(found, train)
    left = clustering.read(context.folder)
    words = ["zero", "one", "two"]
    assert [found.texts[prompt] for prompt in found.prompt] == [
        f"Histology image of {train.classes[label]} tissue, morphology type {words[cluster]}"
        for label, cluster in zip(train.labels, left.assignments, strict=True)
    ]
    assert found.rows.tolist() == list(range(48))
    assert found.left_out == {}
    assert len(found.texts) == len({*zip(train.labels, left.assignments, strict=True)}) < 6
    assert (found.clusters[found.prompt] == left.assignments).all()


def test_the_clustering_is_that_of_the_settings(train, context):
    """As the verb would make it."""
    MorphologyPrompts(**SETTINGS, kmeans_seed=7).build(train, context)
    features = TextureStatistics().embed(train.read(0, 48)).astype(np.float64)
    expected = clusters.fit(features, k=3, extractor="texture-statistics", standardized=True, seed=7, n_init=3)
    found = clustering.read(context.folder)
    assert found.about == expected.about
    np.testing.assert_array_equal(found.assignments, expected.assignments)
    np.testing.assert_array_equal(found.centers, expected.centers)


def test_outliers_are_not_clustered_and_told_by_their_first_rule(train, context):
    """Black patches are dark, gray and flat: dark is the first; centers are those of the others alone."""
    found = MorphologyPrompts(**SETTINGS, outlier_rules="study").build(train, context)
    check(found, train)
    broken = outliers.judge(train, lambda *_: None).broken
    assert found.rows.tolist() == np.flatnonzero(~broken.any(axis=1)).tolist()
    assert found.left_out["outlier: dark"].tolist() == [0, 1, 2, 3]
    left = clustering.read(context.folder)
    assert (left.assignments == clustering.LEFT_OUT).sum() == 48 - len(found.rows)
    kept = train.take(found.rows, digest="kept")
    features = TextureStatistics().embed(kept.read(0, len(kept))).astype(np.float64)
    alone = clusters.fit(features, k=3, extractor="x", standardized=True, seed=clusters.STUDY_SEED, n_init=3)
    np.testing.assert_array_equal(left.centers, alone.centers)
    black = replace(train, source=ArraySource(np.zeros((48, 16, 16, 3), np.uint8)))
    with pytest.raises(UserError, match="All 48 training images break an outlier rule. Set outlier_rules to 'none'"):
        MorphologyPrompts(**SETTINGS, outlier_rules="study").build(black, context)


def test_balance_gives_every_prompt_as_many_images(train, context):
    """As many of each label too; what is left out for it is told apart from outliers."""
    found = MorphologyPrompts(**SETTINGS, outlier_rules="study", balance="largest").build(train, context)
    check(found, train)
    assert len(set(found.counts().tolist())) == 1
    assert np.bincount(found.labels).tolist() == [len(found.texts) // 2] * 2
    dropped = sum(map(len, found.left_out.values()))
    assert dropped == 48 - len(found.rows)
    assert len(found.left_out["balance"]) == dropped - sum(
        len(rows) for reason, rows in found.left_out.items() if reason != "balance"
    )
    assert not set(found.left_out["balance"]) & set(found.rows)
    again = MorphologyPrompts(**SETTINGS, outlier_rules="study", balance="largest").build(train, context)
    np.testing.assert_array_equal(again.rows, found.rows)


def test_the_study_s_balance_needs_the_study_s_numbers(train, context):
    """48 images are no 50,000."""
    with pytest.raises(UserError, match="48 images cannot be balanced as in the study"):
        MorphologyPrompts(**SETTINGS, balance="study").build(train, context)


def test_defaults_are_the_study_s():
    """What its release fixes; what it leaves to its user is off."""
    one = MorphologyPrompts()
    assert (one.k, one.encoder, one.standardized, one.kmeans_seed, one.kmeans_starts, one.kmeans_batch) == (
        33, "dino-vitb8", False, 18021999, 10, None,
    )  # fmt: skip
    assert (one.outlier_rules, one.balance) == ("none", "none")
