"""The study's proposal: fine-tuned on the prompts that a builder made, and samples by the clusters' frequency."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.contracts.generator import Requests
from benchmark.contracts.prompts import NO_CLUSTER, PromptSet
from benchmark.errors import UserError
from generators import prompts
from generators.morphology import frequencies
from generators.morphology.builder import MorphologyPrompts as Builder
from generators.stable_diffusion import fine_tuning
from generators.stable_diffusion.label_prompts import LabelPrompts
from generators.stable_diffusion.morphology_prompts import MorphologyPrompts

TRAINING = {
    "sampling_steps": 2, "guidance": 2.0, "scheduler": "ddim", "steps": 2, "batch": 4, "learning_rate": 1e-3,
}  # fmt: skip
BUILDER = Builder(k=3, encoder="texture-statistics", encoder_side=16, standardized=True, kmeans_starts=3)


@pytest.fixture
def told(images, context):
    """A context with prompts of the images, the last ten left out."""
    found = BUILDER.build(images, context)
    kept = np.arange(30)
    used, prompt = np.unique(found.prompt[:30], return_inverse=True)
    few = PromptSet(
        rows=kept, prompt=prompt, texts=tuple(found.texts[row] for row in used), labels=found.labels[used],
        clusters=found.clusters[used], left_out={"late": np.arange(30, 40)},
    )  # fmt: skip
    return replace(context, _prompts=lambda: few)


@pytest.mark.parametrize("kind", [MorphologyPrompts, LabelPrompts])
def test_training_sees_the_images_that_are_kept_with_their_prompts(images, told, monkeypatch, kind):
    """The baseline the same images, with the labels' prompts."""
    seen = []
    monkeypatch.setattr(fine_tuning, "fine_tune", lambda *arguments: seen.append(arguments))
    kind(**TRAINING).fit(images, told)
    train, texts, _, _ = seen[0]
    np.testing.assert_array_equal(train.read(0, len(train)), images.read(0, 30))
    assert train.digest != images.digest
    found = told.prompts
    if kind is MorphologyPrompts:
        assert texts == [found.texts[prompt] for prompt in found.prompt]
        assert len(set(texts)) > 2
    else:
        assert texts == [prompts.baseline(images.classes[label]) for label in images.labels[:30]]


def test_all_images_are_kept_as_they_are(images, context, monkeypatch):
    """The very set, with its digest."""
    seen = []
    monkeypatch.setattr(fine_tuning, "fine_tune", lambda *arguments: seen.append(arguments))
    found = BUILDER.build(images, context)
    MorphologyPrompts(**TRAINING).fit(images, replace(context, _prompts=lambda: found))
    assert seen[0][0] is images


def test_requests_draw_clusters_by_the_frequency_in_their_label(context):
    """A cluster that a label never met is never asked for; the draw is the request's seed's."""
    table = np.array([[3, 0, 1], [0, 2, 0]])
    pairs = [(0, 0), (0, 2), (1, 1)]
    found = PromptSet(
        rows=np.arange(6), prompt=np.repeat([0, 1, 2], [3, 1, 2]), texts=("a", "b", "c"),
        labels=np.array([pair[0] for pair in pairs]), clusters=np.array([pair[1] for pair in pairs]),
    )  # fmt: skip
    assert frequencies.of(found, classes=2).tolist() == table.tolist()
    context = replace(context, _prompts=lambda: found)
    count = 2000
    requests = Requests(
        np.arange(count), np.arange(count) % 2, np.arange(count) + 7, np.arange(count) // 2, ("healthy", "cancer")
    )
    asked = MorphologyPrompts(**TRAINING).prompts(requests, context)
    assert set(asked[1::2]) == {prompts.enriched("cancer", 1)}
    assert set(asked[::2]) == {prompts.enriched("healthy", 0), prompts.enriched("healthy", 2)}
    # Four standard errors of a share at N = 1,000.
    assert asked[::2].count(prompts.enriched("healthy", 0)) / 1000 == pytest.approx(0.75, abs=0.055)
    assert MorphologyPrompts(**TRAINING).prompts(requests.part(100, 110), context) == asked[100:110]
    assert [prompts.cluster_of(prompt, 3) for prompt in asked] == frequencies.draw(requests, table).tolist()
    equal = MorphologyPrompts(**TRAINING, per_prompt="equal").prompts(requests, context)
    assert equal[::2].count(prompts.enriched("healthy", 0)) == 500


def test_samples_are_of_prompts_that_training_met(draw, images, requests, told):
    """Fitted and sampled by two instances, as two processes would; labels are the requests' own."""
    MorphologyPrompts(**TRAINING).fit(images, told)
    assert [path.name for path in told.folder.iterdir() if path.name != "clustering"] == ["unet"]
    found = draw(MorphologyPrompts(**TRAINING), requests, told)
    assert found.images.shape == (6, 16, 16, 3)
    assert set(found.prompts) <= set(told.prompts.texts)
    assert all(requests.classes[label] in prompt for label, prompt in zip(requests.labels, found.prompts, strict=True))


def test_prompts_without_clusters_are_refused(images, context):
    """Or none at all: what to write is said."""
    found = BUILDER.build(images, context)
    bare = replace(found, clusters=np.full(len(found.texts), NO_CLUSTER))
    for given in (context, replace(context, _prompts=lambda: bare)):
        with pytest.raises(UserError, match="need a builder that names a cluster .* 'prompts: {builder"):
            MorphologyPrompts(**TRAINING).fit(images, given)
