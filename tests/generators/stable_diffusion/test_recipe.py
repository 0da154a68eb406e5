"""How a UNet is fine-tuned: what cannot be done here is refused before anything is computed."""

from __future__ import annotations

import importlib.util
from dataclasses import fields

import pytest

from benchmark.errors import UserError
from benchmark.plan.resolve import check_params
from generators.stable_diffusion.label_prompts import LabelPrompts
from generators.stable_diffusion.recipe import Recipe, require


def test_what_can_be_done_is_let_through():
    """On the CPU, everything but moments of eight bits."""
    assert require(Recipe(precision="fp16", at_once="auto", processes=2), "cpu") is None


def test_eight_bits_need_their_package_and_a_device(monkeypatch):
    """What to install; then where it runs."""
    find = importlib.util.find_spec
    recipe = Recipe(optimizer="adamw8bit")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "bitsandbytes" else find(name))
    with pytest.raises(
        UserError, match=r"needs the package bitsandbytes. Install it: pip install 'histobench\[8bit\]'"
    ):
        require(recipe, "cuda")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: find("json"))
    with pytest.raises(UserError, match=r"needs a CUDA device, and this runs on the CPU. Take 'adamw'"):
        require(recipe, "cpu")


def test_low_rank_needs_its_package(monkeypatch):
    """What to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        UserError, match=r"'lora_rank' needs the package peft. Install it: pip install 'histobench\[lora\]'"
    ):
        require(Recipe(lora_rank=4), "cpu")


def test_a_batch_is_shared_evenly():
    """Or the mean over processes would not be that over images."""
    with pytest.raises(UserError, match="A batch of 32 cannot be shared evenly among 3 processes"):
        require(Recipe(processes=3), "cpu")


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"precision": "fp8"}, "there is no such choice"), ({"ema": 1.5}, r"1\.0 or less"), ({"at_once": "all"}, "at_once"),
        ({"steps": 0}, "1 or more"), ({"min_snr": -1.0}, "0 or more"), ({"warmup": 3}, "Did you mean 'warmup_steps'"),
        ({"schedule": "sine"}, "Did you mean 'cosine'"),
    ],
)  # fmt: skip
def test_wrong_parameters_are_told_before_a_run(params, told):
    """By the engine, from the annotations."""
    with pytest.raises(UserError, match=told):
        check_params(LabelPrompts, params, where="here")
    check_params(LabelPrompts, {"at_once": "auto", "precision": "bf16", "lora_targets": ["to_q"]}, where="here")


def test_all_of_a_recipe_are_parameters_of_a_variant():
    """And reach the training as they are."""
    changed = {"steps": 7, "precision": "bf16", "at_once": 3, "lora_rank": 4, "latents": "float16", "min_snr": 5.0}
    assert LabelPrompts(**changed).recipe == Recipe(**changed)
    assert {field.name for field in fields(Recipe)} < {field.name for field in fields(LabelPrompts)}
