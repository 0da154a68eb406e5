"""Recipes by name: their values are parameters that there are, their page shows them, and variants hold them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.plan.resolve import check_params
from benchmark.registry import targets
from benchmark.registry.variants import Catalogue
from generators.stable_diffusion import presets
from generators.stable_diffusion.label_prompts import LabelPrompts
from generators.stable_diffusion.morphology_prompts import MorphologyPrompts

ALL = presets.everything()


@pytest.mark.parametrize("name", ALL)
def test_values_are_parameters_of_the_variants(name):
    """Of the right type and range."""
    check_params(MorphologyPrompts, ALL[name].params, where=name)
    assert ALL[name].differences(MorphologyPrompts, ALL[name].params) == []


def test_what_the_study_fixes_is_in_paper():
    """Fine-tuning, clustering and sampling of its released code; all else is declared as ours."""
    fixed = {key: found.value for key, found in ALL["paper"].values.items() if found.source == "code"}
    assert fixed == {
        "learning_rate": 1e-5, "schedule": "constant", "warmup_steps": 0, "optimizer": "adamw8bit", "beta1": 0.9,
        "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01, "clip_norm": 1.0, "caption_dropout": 0.0, "flip": True,
        "resize": "bilinear", "ema": 0.0, "precision": "fp16", "tf32": True, "gradient_checkpointing": True,
        "lora_rank": 0, "k": 33, "kmeans_seed": 18021999, "kmeans_starts": 10, "standardized": False,
        "encoder": "dino-vitb8", "sampling_steps": 50, "guidance": 7.5,
    }  # fmt: skip
    assert {"steps", "batch", "scheduler"} <= {
        key for key, found in ALL["paper"].values.items() if found.source == "ours"
    }


def test_ours_trains_the_null_prompt():
    """Without caption dropout, guidance stands on a prompt that fine-tuning never saw."""
    assert ALL["ours"].params["caption_dropout"] > 0 == ALL["paper"].params["caption_dropout"]


def test_a_variant_that_is_unlike_is_told():
    """Given values and defaults; parameters its class does not have are none of its affair."""
    params = {
        key: value for key, value in ALL["paper"].params.items() if not key.startswith(("k", "standard", "encoder"))
    }
    assert ALL["paper"].differences(LabelPrompts, params) == []
    assert ALL["paper"].differences(LabelPrompts, {**params, "ema": 0.5}) == ["ema: 0.5, the preset has 0.0"]
    del params["resize"]
    assert ALL["paper"].differences(LabelPrompts, params) == ["resize: lanczos, the preset has bilinear"]


def test_variants_hold_the_presets_that_name_them():
    """An entry whose parameters drift from its preset is found here."""
    catalogue = Catalogue.discover()
    for preset in ALL.values():
        for name in preset.variants:
            variant = catalogue.get(name).variant
            assert preset.differences(targets.load(variant.generator), variant.params) == [], name


def test_the_page_shows_them_as_they_are():
    """Every value with its source, and what each lacks."""
    text = (Path(__file__).parents[3] / "docs" / "fine-tuning.md").read_text(encoding="utf-8")
    shown = [line for line in text.splitlines() if line.startswith("| ") and line.count("|") == 5]
    lines = [line for found in ALL.values() for line in found.lines()]
    assert [line for line in shown if not line.startswith("| key")] == [f"| {' | '.join(line)} |" for line in lines]
    for found in ALL.values():
        assert found.summary in text
        assert all(f"- {lack}\n" in text for lack in found.lacking)
