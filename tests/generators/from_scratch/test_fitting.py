"""From images and prompts to a pipeline on disk."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import load_file

from benchmark import digests
from benchmark.errors import UserError
from generators.from_scratch import autoencoder, fitting
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion import training

PROMPTS = ["of tissue b", "of tissue a"] * 20


def files(folder):
    return {str(path.relative_to(folder)): digests.of_file(path) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def elsewhere(context, tmp_path):
    """Gives the same context with folders of its own."""

    def make(name, **changes):
        folder, scratch = tmp_path / name, tmp_path / f"{name}-scratch"
        for place in (folder, scratch):
            place.mkdir(exist_ok=True)
        return replace(context, folder=folder, scratch=scratch, **changes)

    return make


def test_a_whole_pipeline_is_left(images, design, recipe, context, toy_pipeline):
    """Diffusers loads it; weights are of half precision, the texts' are those given, no place is told."""
    fitting.fit(images, PROMPTS, design, recipe, toy_pipeline, context)
    loaded = StableDiffusionPipeline.from_pretrained(context.folder, local_files_only=True)
    assert loaded.scheduler.config.prediction_type == "v_prediction"
    assert pipelines.resolution(pipelines.load(context.folder, device="cpu")) == 16
    for part in ("unet", "vae"):
        weights = load_file(context.folder / part / "diffusion_pytorch_model.safetensors")
        assert {tensor.dtype for tensor in weights.values()} == {torch.float16}
        assert json.loads((context.folder / part / "config.json").read_text())["_name_or_path"] == ""
    given = load_file(toy_pipeline / "text_encoder" / "model.safetensors")
    kept = load_file(context.folder / "text_encoder" / "model.safetensors")
    assert all(torch.equal(kept[name], given[name].half()) for name in given)
    for path in context.folder.rglob("*.json"):
        assert str(context.scratch.parent) not in path.read_text()


def test_both_networks_learn(images, design, recipe, context, toy_pipeline):
    """What is left is neither the first weights nor, of the UNet, those it was handed on with."""
    told = []
    fitting.fit(
        images, PROMPTS, design, recipe, toy_pipeline, replace(context, progress=lambda *words: told.append(words))
    )
    first = load_file(context.scratch / "base" / "unet" / "diffusion_pytorch_model.safetensors")
    last = load_file(context.folder / "unet" / "diffusion_pytorch_model.safetensors")
    assert first.keys() == last.keys()
    assert any(not torch.equal(first[name], last[name]) for name in first)
    assert [note for _, _, note in told] == [
        "images read", *["autoencoder steps"] * 3, "images encoded", *["training steps"] * 3,
    ]  # fmt: skip


def test_stops_change_no_bit(images, design, recipe, elsewhere, toy_pipeline, monkeypatch):
    """In each part of the work, and gone on with each time."""
    monkeypatch.setattr(training, "CHECKPOINT_S", -1.0)
    fitting.fit(images, PROMPTS, design, recipe, toy_pipeline, elsewhere("whole"))
    for stop in ((2, "autoencoder steps"), (40, "images encoded"), (1, "training steps"), (3, "training steps")):

        def halt(done, total, note="", stop=stop):
            if (done, note) == stop:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            fitting.fit(images, PROMPTS, design, recipe, toy_pipeline, elsewhere("cut", progress=halt))
    told = []
    context = elsewhere("cut", progress=lambda *words: told.append(words))
    fitting.fit(images, PROMPTS, design, recipe, toy_pipeline, context)
    assert [words for words in told if words[2] != "images encoded"] == [(3, 3, "training steps")]
    assert files(context.folder) == files(context.folder.parent / "whole")


def test_an_autoencoder_that_is_there_is_not_trained(images, design, recipe, context, elsewhere, toy_pipeline):
    """It is in what is left, bit for bit."""
    place = autoencoder.trained(images, design, elsewhere("first"))
    told = []
    context = replace(context, progress=lambda *words: told.append(words))
    fitting.fit(images, PROMPTS, design, recipe, toy_pipeline, context, vae=place)
    assert "autoencoder steps" not in {note for _, _, note in told}
    name = "diffusion_pytorch_model.safetensors"
    assert digests.of_file(context.folder / "vae" / name) == digests.of_file(place / name)


@pytest.mark.parametrize(
    ("design_changes", "recipe_changes", "prompts", "message"),
    [
        ({"side": 18}, {}, PROMPTS, "side is 18"),
        ({}, {"lora_rank": 4}, PROMPTS, "'lora_rank' changes weights that are learnt already"),
        ({}, {"batch": 5, "processes": 2}, PROMPTS, "cannot be shared evenly"),
        ({}, {}, ["word " * 90] * 40, "the model reads"),
    ],
)
def test_what_cannot_be_had_is_told_before_anything_is_computed(
    images, design, recipe, context, toy_pipeline, design_changes, recipe_changes, prompts, message
):
    """Nothing is left."""
    with pytest.raises(UserError, match=message):
        fitting.fit(
            images, prompts, replace(design, **design_changes), replace(recipe, **recipe_changes), toy_pipeline, context
        )
    assert not list(context.folder.iterdir())
    assert not list(context.scratch.iterdir())
