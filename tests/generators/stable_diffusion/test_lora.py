"""A low-rank change of a UNet: learnt, saved as diffusers reads it, and put in where images are drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import load_file

from generators.stable_diffusion import lora
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.additions import Lora
from generators.stable_diffusion.label_prompts import LabelPrompts
from generators.stable_diffusion.off_the_shelf import OffTheShelf
from generators.stable_diffusion.recipe import Recipe

RECIPE = Recipe(lora_rank=2, lora_alpha=6)
SAMPLING = {"sampling_steps": 3, "guidance": 2.0, "scheduler": "ddim"}
TUNED = LabelPrompts(steps=3, batch=4, learning_rate=0.1, lora_rank=2, lora_alpha=6, **SAMPLING)


def test_it_changes_nothing_at_first_and_freezes_all_else(toy_pipeline):
    """Where it starts is decided by the seed; torch's own generator is left as it was."""
    pipeline = pipelines.load(toy_pipeline, device="cpu")
    shown = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0)), torch.tensor([3]), torch.ones(1, 5, 16)
    with torch.no_grad():
        before = pipeline.unet(*shown).sample
    state = torch.get_rng_state()
    lora.add(pipeline.unet, RECIPE, 5)
    assert torch.equal(state, torch.get_rng_state())
    with torch.no_grad():
        torch.testing.assert_close(pipeline.unet(*shown).sample, before)
    learnt = {name: weight for name, weight in pipeline.unet.named_parameters() if weight.requires_grad}
    assert len(learnt) == 64
    assert all("lora_" in name for name in learnt)
    for seed, equal in ((5, True), (6, False)):
        again = pipelines.load(toy_pipeline, device="cpu").unet
        lora.add(again, RECIPE, seed)
        found = dict(again.named_parameters())
        assert all(torch.equal(found[name], weight) for name, weight in learnt.items()) == equal


def test_a_fit_leaves_the_change_alone(images, context, toy_pipeline):
    """Some kilobytes, with rank and alpha, and no place on a disk in it."""
    TUNED.fit(images, context)
    (file,) = [path for path in context.folder.rglob("*") if path.is_file()]
    assert file.relative_to(context.folder).as_posix() == "lora/pytorch_lora_weights.safetensors"
    weights = load_file(file)
    assert {min(tensor.shape) for tensor in weights.values()} == {2}
    assert str(toy_pipeline.parent).encode() not in file.read_bytes()


def test_diffusers_reads_it_and_means_the_same(images, context, toy_pipeline):
    """By `load_lora_weights`, with alpha over rank of 3, against weights changed by hand."""
    TUNED.fit(images, context)
    theirs = StableDiffusionPipeline.from_pretrained(toy_pipeline, safety_checker=None)
    theirs.load_lora_weights(context.folder / "lora")
    ours = pipelines.load(toy_pipeline, device="cpu", lora=Lora(context.folder / "lora"))
    changes = load_file(context.folder / "lora" / "pytorch_lora_weights.safetensors")
    plain = pipelines.load(toy_pipeline, device="cpu").unet.state_dict()
    name = "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_k"
    up, down = (changes[f"unet.{name}.lora.{part}.weight"] for part in ("up", "down"))
    by_hand = plain[f"{name}.weight"] + 3 * up @ down
    assert float((up @ down).abs().max()) > 1e-3
    torch.testing.assert_close(ours.unet.state_dict()[f"{name}.weight"], by_hand)
    assert ours.unet.state_dict().keys() == plain.keys()
    shown = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0)), torch.tensor([3]), torch.ones(1, 5, 16)
    with torch.no_grad():
        torch.testing.assert_close(ours.unet(*shown).sample, theirs.unet(*shown).sample, rtol=1e-4, atol=1e-5)


def test_images_are_drawn_with_it(draw, images, requests, context):
    """Other images than off the shelf."""
    before = draw(OffTheShelf(**SAMPLING), requests, context)
    TUNED.fit(images, context)
    after = draw(LabelPrompts(**SAMPLING), requests, context)
    assert np.abs(before.images.astype(int) - after.images).max() > 2


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_equal_seeds_give_equal_changes(images, context, tmp_path, ema):
    """Bit for bit."""
    found = []
    for name in ("a", "b"):
        for part in (name, f"{name}-scratch"):
            (tmp_path / part).mkdir()
        place = replace(context, folder=tmp_path / name, scratch=tmp_path / f"{name}-scratch")
        replace(TUNED, ema=ema).fit(images, place)
        found.append((tmp_path / name / "lora" / "pytorch_lora_weights.safetensors").read_bytes())
    assert found[0] == found[1]
