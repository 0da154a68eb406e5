"""The study's proposal: each image's cluster in its prompt, and samples by the clusters' frequency."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from benchmark.artifacts import arrays, clustering
from benchmark.contracts.generator import Requests
from benchmark.errors import UserError
from benchmark.extractors.texture_statistics import TextureStatistics
from benchmark.protocol import pixels
from generators import prompts
from generators.morphology import clusters, frequencies
from generators.stable_diffusion.morphology_prompts import MorphologyPrompts

MORPHOLOGY = {
    "sampling_steps": 2, "guidance": 2.0, "scheduler": "ddim", "steps": 2, "batch": 4, "learning_rate": 1e-3,
    "k": 3, "encoder": "texture-statistics", "encoder_side": 16, "standardized": True, "kmeans_starts": 3,
}  # fmt: skip


def test_prompts_name_label_and_cluster_of_each_image(images, context):
    """As the clustering says that is left behind, in the study's wording; more than the two labels."""
    asked = MorphologyPrompts(**MORPHOLOGY).training_prompts(images, context)
    found = clustering.read(context.folder)
    words = {0: "zero", 1: "one", 2: "two"}
    assert asked == [
        f"Histology image of {images.classes[label]} tissue, morphology type {words[cluster]}"
        for label, cluster in zip(images.labels, found.assignments, strict=True)
    ]
    assert set(found.assignments) == {0, 1, 2}


class Watched(TextureStatistics):
    """The extractor, and what it was shown."""

    sides: ClassVar[list[int]] = []

    def embed(self, images):
        self.sides.append(images.shape[1])
        return super().embed(images)


@pytest.mark.parametrize("standardized", [True, False])
def test_the_clustering_is_of_the_features_asked_for(images, context, standardized):
    """At the encoder's side, by the K, scaling, seed and starts that are given."""
    Watched.sides.clear()
    context = replace(context, _extractors={"mine": Watched})
    changes = {"k": 5, "encoder": "mine", "encoder_side": 24, "kmeans_seed": 7, "standardized": standardized}
    MorphologyPrompts(**MORPHOLOGY | changes).training_prompts(images, context)
    found = clustering.read(context.folder)
    assert set(Watched.sides) == {24}
    features = TextureStatistics().embed(pixels.resize(images.read(0, 40), 24, "lanczos")).astype(np.float64)
    expected = clusters.fit(features, k=5, extractor="mine", standardized=standardized, seed=7, n_init=3)
    assert found.about == expected.about
    assert np.array_equal(found.assignments, expected.assignments)
    assert np.array_equal(found.scale, expected.scale)
    assert (found.scale == 1).all() != standardized


def test_frequencies_are_counted_by_label_and_cluster(images, context):
    """And left behind for sampling, where only the requests are known."""
    images = replace(images, labels=np.array([0] * 30 + [1] * 10))
    MorphologyPrompts(**MORPHOLOGY).training_prompts(images, context)
    counts = arrays.load(context.folder / "prompt-counts.npy")
    found = clustering.read(context.folder).assignments
    expected = [[int(((images.labels == label) & (found == k)).sum()) for k in range(3)] for label in range(2)]
    assert counts.tolist() == expected
    assert counts.sum(axis=1).tolist() == [30, 10]


def test_requests_draw_clusters_by_the_frequency_in_their_label(context):
    """A cluster that a label never met is never asked for; the draw is the request's seed's."""
    arrays.save(context.folder / "prompt-counts.npy", np.array([[3, 0, 1], [0, 2, 0]]))
    count = 2000
    requests = Requests(
        np.arange(count), np.arange(count) % 2, np.arange(count) + 7, np.arange(count) // 2, ("healthy", "cancer")
    )
    asked = MorphologyPrompts(**MORPHOLOGY).prompts(requests, context)
    assert set(asked[1::2]) == {prompts.enriched("cancer", 1)}
    assert set(asked[::2]) == {prompts.enriched("healthy", 0), prompts.enriched("healthy", 2)}
    # Four standard errors of a share at N = 1,000.
    assert asked[::2].count(prompts.enriched("healthy", 0)) / 1000 == pytest.approx(0.75, abs=0.055)
    assert MorphologyPrompts(**MORPHOLOGY).prompts(requests.part(100, 110), context) == asked[100:110]
    drawn = frequencies.draw(requests, np.array([[3, 0, 1], [0, 2, 0]]))
    assert [prompts.cluster_of(prompt, 3) for prompt in asked] == drawn.tolist()


def test_samples_are_of_prompts_that_training_met(draw, images, requests, context):
    """Fitted and sampled by two instances, as two processes would; labels are the requests' own."""
    MorphologyPrompts(**MORPHOLOGY).fit(images, context)
    assert {path.name for path in context.folder.iterdir()} >= {"unet", "prompt-counts.npy"}
    trained = set(MorphologyPrompts(**MORPHOLOGY).training_prompts(images, context))
    found = draw(MorphologyPrompts(**MORPHOLOGY), requests, context)
    assert found.images.shape == (6, 16, 16, 3)
    assert set(found.prompts) <= trained
    assert all(requests.classes[label] in prompt for label, prompt in zip(requests.labels, found.prompts, strict=True))


def test_an_encoder_that_is_not_declared_is_refused(images, context):
    """The entry has to say what guides it, or conditioning might leak into the metric unseen."""
    with pytest.raises(UserError, match="asked for 'dino-vitb8', but .* Add it under 'guided_by'. Declared: texture"):
        MorphologyPrompts(**{**MORPHOLOGY, "encoder": "dino-vitb8"}).training_prompts(images, context)


def test_more_clusters_than_images_are_refused(images, context):
    """With what is there."""
    with pytest.raises(UserError, match="K = 41 clusters need at least 41 distinct images; 40 are there"):
        MorphologyPrompts(**{**MORPHOLOGY, "k": 41}).training_prompts(images, context)


def test_it_is_the_study_s_unless_told_otherwise():
    """33 clusters of raw features of DINO ViT-B/8 at 224 pixels."""
    plain = MorphologyPrompts()
    assert (plain.k, plain.encoder, plain.encoder_side, plain.standardized) == (33, "dino-vitb8", 224, False)
