"""Recipes by name: their values are parameters that there are, their page shows them, and variants hold them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.plan.resolve import check_params
from benchmark.registry import targets
from benchmark.registry.variants import Catalogue
from generators.morphology import builder
from generators.stable_diffusion import presets
from generators.stable_diffusion.label_prompts import LabelPrompts
from generators.stable_diffusion.morphology_prompts import MorphologyPrompts

ALL = presets.everything()


@pytest.mark.parametrize("name", ALL)
def test_values_are_parameters_of_the_variants(name):
    """Of the right type and range."""
    check_params(MorphologyPrompts, ALL[name].params, where=name)
    check_params(builder.MorphologyPrompts, ALL[name].prompts, where=name)
    assert presets.differences(ALL[name].params, MorphologyPrompts, ALL[name].params) == []


def test_what_the_study_fixes_is_in_paper():
    """Fine-tuning, clustering and sampling of its released code; all else is declared as ours."""
    fixed = {key: found.value for key, found in ALL["paper"].values.items() if found.source == "code"}
    assert fixed == {
        "learning_rate": 1e-5, "schedule": "constant", "warmup_steps": 0, "optimizer": "adamw8bit", "beta1": 0.9,
        "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01, "clip_norm": 1.0, "caption_dropout": 0.0, "flip": True,
        "resize": "bilinear", "ema": 0.0, "precision": "fp16", "tf32": True, "gradient_checkpointing": True,
        "lora_rank": 0, "prompts.k": 33, "prompts.kmeans_seed": 18021999, "prompts.kmeans_starts": 10,
        "prompts.standardized": False, "prompts.encoder": "dino-vitb8", "prompts.outlier_rules": "study",
        "prompts.balance": "study", "per_prompt": "equal", "sampling_steps": 50, "guidance": 7.5, "dtype": "fp16",
    }  # fmt: skip
    assert {"steps", "batch", "scheduler"} <= {
        key for key, found in ALL["paper"].values.items() if found.source == "ours"
    }


def test_ours_trains_the_null_prompt():
    """Without caption dropout, guidance stands on a prompt that fine-tuning never saw."""
    assert ALL["ours"].params["caption_dropout"] > 0 == ALL["paper"].params["caption_dropout"]


def test_a_variant_that_is_unlike_is_told():
    """Given values and defaults; parameters its class does not have are none of its affair."""
    wanted = ALL["paper"].params
    params = dict(wanted)
    assert presets.differences(wanted, LabelPrompts, params) == []
    assert presets.differences(wanted, LabelPrompts, {**params, "ema": 0.5}) == ["ema: 0.5, the preset has 0.0"]
    del params["resize"]
    assert presets.differences(wanted, LabelPrompts, params) == ["resize: lanczos, the preset has bilinear"]
    assert presets.differences(ALL["paper"].prompts, builder.MorphologyPrompts, {"k": 5, "balance": "study"}) == [
        "k: 5, the preset has 33", "outlier_rules: none, the preset has study",
    ]  # fmt: skip


@pytest.mark.parametrize(("preset", "name"), [(preset, name) for preset in ALL for name in ALL[preset].variants])
def test_variants_hold_the_presets_that_name_them(preset, name):
    """An entry whose parameters drift from its preset is found here."""
    variant, wanted = Catalogue.discover().get(name).variant, ALL[preset]
    assert presets.differences(wanted.params, targets.load(variant.generator), variant.params) == []
    if variant.prompts is not None:
        assert presets.differences(wanted.prompts, targets.load(variant.prompts.builder), variant.prompts.params) == []


def test_the_page_shows_them_as_they_are():
    """Every value with its source, and what each lacks."""
    text = (Path(__file__).parents[3] / "docs" / "fine-tuning.md").read_text(encoding="utf-8")
    shown = [line for line in text.splitlines() if line.startswith("| ") and line.count("|") == 5]
    lines = [line for found in ALL.values() for line in found.lines()]
    assert [line for line in shown if not line.startswith("| key")] == [f"| {' | '.join(line)} |" for line in lines]
    for found in ALL.values():
        assert found.summary in text
        assert all(f"- {lack}\n" in text for lack in found.lacking)
