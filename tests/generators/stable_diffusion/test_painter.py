"""The painter: prompts to images, and what it keeps."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from generators.stable_diffusion import conditioning, sampling
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.painter import Painter
from generators.stable_diffusion.sampling import Settings

PROMPTS = ["cancer", "healthy", "cancer"]
SEEDS = np.array([3, 4, 5])


def painter(base, unet=None, scheduler="ddim", guidance=2.0, **given):
    pipeline = pipelines.load(base, device="cpu", unet=unet, scheduler=scheduler)
    return Painter(pipeline, Settings(3, guidance), **given)


@pytest.fixture
def read():
    """How many texts the text encoder has read since."""
    counts = []

    def watch(module, arguments):
        if type(module).__name__ == "CLIPTextModel":
            counts.append(1)

    handle = torch.nn.modules.module.register_module_forward_pre_hook(watch)
    yield counts
    handle.remove()


@pytest.mark.parametrize("guidance", [1.0, 4.0])
def test_a_painting_is_a_sample_of_its_prompt(toy_pipeline, guidance):
    """As the pipeline samples the prompt's embedding beside the empty one, by the sampler and guidance asked for."""
    pipeline = pipelines.load(toy_pipeline, device="cpu", scheduler="euler")
    told, null = conditioning.of(pipeline, PROMPTS), conditioning.of(pipeline, [""])
    expected = sampling.sample(pipeline, told, null, SEEDS, Settings(3, guidance))
    found = painter(toy_pipeline, scheduler="euler", guidance=guidance).paint(PROMPTS, SEEDS)
    assert np.abs(found.astype(int) - expected).max() <= 1
    assert np.abs(found[0].astype(int) - found[1]).max() > 1


def test_a_prompt_is_read_once(toy_pipeline, read):
    """However often it is asked for; only what is new is read, and the images are the same."""
    one = painter(toy_pipeline)
    first = one.paint(PROMPTS, SEEDS)
    assert len(read) == 1
    again = one.paint(PROMPTS[::-1], SEEDS[::-1])
    assert len(read) == 1
    assert np.array_equal(first, again[::-1])
    one.paint(["", "bark"], SEEDS[:2])
    assert len(read) == 2


def test_a_fine_tuned_unet_paints_otherwise(toy_pipeline, toy_with):
    """It is taken from its folder."""
    other = toy_with() / "unet"
    weights = load_file(other / "diffusion_pytorch_model.safetensors")
    save_file({name: -tensor for name, tensor in weights.items()}, other / "diffusion_pytorch_model.safetensors")
    found = [painter(toy_pipeline, unet=unet).paint(PROMPTS, SEEDS) for unet in (None, toy_pipeline / "unet", other)]
    assert np.array_equal(found[0], found[1])
    assert np.abs(found[0].astype(int) - found[2]).max() > 1


def test_a_negative_prompt_takes_the_place_of_nothing(toy_pipeline):
    """Guidance then leads away from it; without guidance it plays no part."""
    plain, away = (painter(toy_pipeline, guidance=9.0, negative_prompt=text) for text in ("", "bark"))
    assert np.abs(plain.paint(PROMPTS, SEEDS).astype(int) - away.paint(PROMPTS, SEEDS)).max() > 1
    plain, away = (painter(toy_pipeline, guidance=1.0, negative_prompt=text) for text in ("", "bark"))
    assert np.array_equal(plain.paint(PROMPTS, SEEDS), away.paint(PROMPTS, SEEDS))
