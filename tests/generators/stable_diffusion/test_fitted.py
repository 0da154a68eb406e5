"""Off the shelf, label prompts and morphology prompts, on real diffusers classes at toy size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.artifacts import clustering
from benchmark.errors import Diverged, UserError
from generators import prompts
from generators.stable_diffusion import checkpoints
from generators.stable_diffusion import training as trainings
from generators.stable_diffusion.label_prompts import LabelPrompts
from generators.stable_diffusion.morphology_prompts import MorphologyPrompts
from generators.stable_diffusion.off_the_shelf import OffTheShelf

SAMPLING = {"sampling_steps": 3, "guidance": 2.0, "scheduler": "ddim"}
LABELS = {**SAMPLING, "steps": 6, "batch": 4, "learning_rate": 1e-3, "ema": 0.9}
MORPHOLOGY = {**LABELS, "k": 3, "encoder": "texture-statistics", "encoder_side": 16, "standardized": True}


def drawn(generator, requests, context):
    batches = list(generator.sample(requests, context))
    return np.concatenate([batch.images for batch in batches]), [one for batch in batches for one in batch.prompts]


def unet(context):
    return (context.folder / "unet" / "diffusion_pytorch_model.safetensors").read_bytes()


def test_off_the_shelf_asks_for_the_label(requests, context):
    """One image a request, with the label's prompt; the same again, in any batch within two grey levels."""
    images, asked = drawn(OffTheShelf(**SAMPLING), requests, context)
    assert images.shape == (6, 16, 16, 3)
    assert images.dtype == np.uint8
    assert asked == [prompts.baseline(requests.classes[label]) for label in requests.labels]
    assert np.array_equal(images, drawn(OffTheShelf(**SAMPLING), requests, context)[0])
    single = drawn(OffTheShelf(**SAMPLING, sampling_batch=1), requests, context)[0]
    assert np.abs(single.astype(int) - images).max() <= 2


def test_fine_tuning_changes_the_unet_alone_and_is_reproducible(images, requests, context, tmp_path):
    """Equal weights from equal seeds, other images than off the shelf."""
    before = drawn(OffTheShelf(**SAMPLING), requests, context)[0]
    LabelPrompts(**LABELS).fit(images, context)
    assert {path.name for path in context.folder.iterdir()} == {"unet"}
    assert not np.array_equal(before, drawn(LabelPrompts(**LABELS), requests, context)[0])
    (tmp_path / "again").mkdir()
    again = replace(context, folder=tmp_path / "again")
    LabelPrompts(**LABELS).fit(images, again)
    assert unet(context) == unet(again)
    (tmp_path / "other").mkdir()
    other = replace(context, folder=tmp_path / "other", seed=6)
    LabelPrompts(**LABELS).fit(images, other)
    assert unet(context) != unet(other)


@pytest.mark.parametrize("stop", [1, 4])
def test_a_resumed_training_is_bit_identical(images, context, tmp_path, monkeypatch, stop):
    """Stopped after some steps and taken up from the checkpoint, it ends with the very same weights."""
    LabelPrompts(**LABELS).fit(images, context)
    whole = unet(context)
    for name in ("cut", "cut-scratch"):
        (tmp_path / name).mkdir()

    def kill(done, total, note=""):
        if note == "training steps" and done == stop + 1:
            raise KeyboardInterrupt

    cut = replace(context, folder=tmp_path / "cut", scratch=tmp_path / "cut-scratch", progress=kill)
    monkeypatch.setattr(trainings, "CHECKPOINT_S", -1.0)
    with pytest.raises(KeyboardInterrupt):
        LabelPrompts(**LABELS).fit(images, cut)
    assert (cut.scratch / checkpoints._NAME).exists()
    steps = []
    log = replace(cut, progress=lambda done, total, note="": steps.append(done) if note == "training steps" else None)
    LabelPrompts(**LABELS).fit(images, log)
    assert steps[0] == stop + 1
    assert unet(log) == whole


def test_a_loss_that_is_not_finite_is_told(images, context):
    """As a divergence, which is a row of its own."""
    with pytest.raises(Diverged, match="step"):
        LabelPrompts(**{**LABELS, "learning_rate": 1e30}).fit(images, context)


def test_morphology_prompts_name_the_cluster_of_each_image(images, context):
    """What is trained on is what the clustering that is left behind says."""
    generator = MorphologyPrompts(**MORPHOLOGY)
    asked = generator.training_prompts(images, context)
    found = clustering.read(context.folder)
    expected = [
        prompts.enriched(images.classes[label], cluster)
        for label, cluster in zip(images.labels, found.assignments, strict=True)
    ]
    assert asked == expected
    assert len(set(asked)) > 2


def test_morphology_samples_only_what_training_met(images, requests, context):
    """Every prompt that is asked for was trained on, with the request's own label."""
    generator = MorphologyPrompts(**MORPHOLOGY)
    trained = set(generator.training_prompts(images, context))
    generator.fit(images, context)
    pixels, asked = drawn(generator, requests, context)
    assert pixels.shape == (6, 16, 16, 3)
    assert set(asked) <= trained
    assert all(requests.classes[label] in prompt for label, prompt in zip(requests.labels, asked, strict=True))


def test_a_prompt_that_would_be_cut_off_is_refused(context, requests):
    """The text encoder reads so many tokens; the rest would vanish unseen."""
    long = replace(requests, classes=("healthy", "cancer " * 40))
    with pytest.raises(UserError, match="tokens; the model reads 96"):
        drawn(OffTheShelf(**SAMPLING), long, context)


def test_an_unknown_scheduler_is_answered_with_the_nearest(context, requests):
    """And with all that are known."""
    with pytest.raises(UserError, match="Did you mean 'ddim'"):
        drawn(OffTheShelf(**{**SAMPLING, "scheduler": "ddimm"}), requests, context)
