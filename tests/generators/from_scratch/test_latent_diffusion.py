"""The generators: what they train, what they sample from, and weights that were trained elsewhere."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from benchmark.errors import UserError
from generators.from_scratch.latent_diffusion import LatentDiffusion, MorphologyLatentDiffusion
from generators.morphology.builder import MorphologyPrompts

SMALL = {
    "side": 16, "vae_widths": [16, 32], "vae_steps": 2, "vae_batch": 4, "unet_widths": [8, 16], "heads": 2, "steps": 2,
    "batch": 4, "sampling_steps": 2, "guidance": 1.5,
}  # fmt: skip


@pytest.fixture
def fitted(images, context):
    """A context whose folder holds what a fit left."""
    LatentDiffusion(**SMALL).fit(images, context)
    return context


def test_it_samples_from_what_it_left(fitted, images, requests, draw):
    """By the label's prompt; also where another process takes it up, and there its text weights are not needed."""
    drawn = draw(LatentDiffusion(**SMALL), requests, fitted)
    assert drawn.images.shape == (6, 16, 16, 3)
    assert drawn.prompts == [f"Histology image of {images.classes[label]} tissue" for label in requests.labels]
    again = draw(LatentDiffusion(**SMALL), requests, replace(fitted, _weights={}))
    assert np.array_equal(again.images, drawn.images)


def test_weights_trained_elsewhere_take_the_place_of_a_training(fitted, images, requests, draw, context, tmp_path):
    """The same images, and nothing is computed at fit."""
    elsewhere = shutil.copytree(fitted.folder, tmp_path / "elsewhere")
    (tmp_path / "here").mkdir()
    told = []
    here = replace(
        context, folder=tmp_path / "here", progress=lambda *words: told.append(words),
        _weights={**context._weights, "trained": lambda: elsewhere},
    )  # fmt: skip
    LatentDiffusion(**SMALL).fit(images, here)
    assert told == []
    assert [path.name for path in here.folder.iterdir()] == ["trained.json"]
    expected = draw(LatentDiffusion(**SMALL), requests, fitted)
    assert np.array_equal(draw(LatentDiffusion(**SMALL), requests, here).images, expected.images)
    with pytest.raises(UserError, match="with 'steps: 2', and the entry has 'steps: 3'"):
        LatentDiffusion(**{**SMALL, "steps": 3}).fit(images, here)
    with pytest.raises(UserError, match="under another seed"):
        LatentDiffusion(**SMALL).fit(images, replace(here, seed=6))


def test_prompts_that_name_the_morphology(images, context, requests, draw):
    """Those of the builder are learnt from and asked for; the autoencoder is that of the label prompts."""
    found = MorphologyPrompts(k=3, encoder="texture-statistics", encoder_side=16, kmeans_starts=1).build(
        images, context
    )
    context = replace(context, _prompts=lambda: found)
    generator = MorphologyLatentDiffusion(**SMALL)
    assert generator.training_prompts(images, context) == [found.texts[prompt] for prompt in found.prompt]
    generator.fit(images, context)
    drawn = draw(generator, requests, context)
    assert set(drawn.prompts) <= set(found.texts)
    vae = (context.folder / "vae" / "diffusion_pytorch_model.safetensors").read_bytes()
    shutil.rmtree(context.scratch)
    context.scratch.mkdir()
    shutil.rmtree(context.folder)
    context.folder.mkdir()
    LatentDiffusion(**SMALL).fit(images, context)
    assert (context.folder / "vae" / "diffusion_pytorch_model.safetensors").read_bytes() == vae
