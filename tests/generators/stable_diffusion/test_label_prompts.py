"""The study's baseline: one prompt a label, a UNet fine-tuned on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from safetensors.torch import load_file

from benchmark.errors import Diverged
from generators.stable_diffusion import fine_tuning
from generators.stable_diffusion.label_prompts import LabelPrompts
from generators.stable_diffusion.off_the_shelf import OffTheShelf
from generators.stable_diffusion.recipe import Recipe

SAMPLING = {"sampling_steps": 3, "guidance": 2.0, "scheduler": "ddim"}
LABELS = {**SAMPLING, "steps": 3, "batch": 4, "learning_rate": 1e-2, "ema": 0.0}


def weights(folder):
    return (folder / "unet" / "diffusion_pytorch_model.safetensors").read_bytes()


def test_every_image_is_trained_on_its_labels_prompt(images, context):
    """In the study's wording, in the order of the images."""
    images = replace(images, labels=np.array([0] * 10 + [1] * 30), classes=("Healthy", "Cancer"))
    healthy, cancer = "Histology image of healthy tissue", "Histology image of cancer tissue"
    assert LabelPrompts().training_prompts(images, context) == [healthy] * 10 + [cancer] * 30


def test_a_fit_leaves_a_unet_and_nothing_else(draw, images, requests, context, toy_pipeline):
    """Samples then come from it: other images than off the shelf, asked for by the same prompts."""
    before = draw(OffTheShelf(**SAMPLING), requests, context)
    LabelPrompts(**LABELS).fit(images, context)
    assert [path.name for path in context.folder.iterdir()] == ["unet"]
    after = draw(LabelPrompts(**LABELS), requests, context)
    assert after.prompts == before.prompts
    assert np.abs(before.images.astype(int) - after.images).max() > 2
    base = load_file(toy_pipeline / "unet/diffusion_pytorch_model.safetensors")
    tuned = load_file(context.folder / "unet/diffusion_pytorch_model.safetensors")
    assert base.keys() == tuned.keys()
    assert all((base[name] != tuned[name]).any() for name in base)


def test_equal_seeds_give_equal_weights(images, context, tmp_path):
    """Another seed gives others."""
    found = []
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        (tmp_path / name).mkdir()
        LabelPrompts(**LABELS).fit(images, replace(context, folder=tmp_path / name, seed=seed))
        found.append(weights(tmp_path / name))
    assert found[0] == found[1] != found[2]


def test_the_recipe_is_what_the_parameters_say(images, context, monkeypatch):
    """Each in its own place."""
    seen = []
    monkeypatch.setattr(fine_tuning, "fine_tune", lambda *arguments: seen.append(arguments))
    LabelPrompts(
        steps=7, batch=3, learning_rate=0.5, caption_dropout=0.25, flip=False, ema=0.75
    ).fit(images, context)  # fmt: skip
    train, prompts, recipe, given = seen[0]
    assert recipe == Recipe(steps=7, batch=3, learning_rate=0.5, caption_dropout=0.25, flip=False, ema=0.75)
    assert train is images
    assert given is context
    assert prompts == LabelPrompts().training_prompts(images, context)


def test_a_loss_that_is_not_finite_is_told(images, context):
    """As a divergence, which is a row of its own; no UNet is left."""
    with pytest.raises(Diverged, match=r"^the training loss is (nan|inf) at step [23] of 3$"):
        LabelPrompts(**{**LABELS, "learning_rate": 1e30}).fit(images, context)
    assert not list(context.folder.iterdir())
