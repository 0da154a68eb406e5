"""The entries of the study at its own size: what they fix, and that they run, on a toy in place of the weights."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from benchmark.registry import targets
from benchmark.registry.variants import Catalogue

SWEEP = {f"sd-morphology-k{k}": k for k in (5, 10, 20, 33, 66, 100)}
STUDY = ["sd-off-the-shelf", "sd-baseline", "sd-morphology", *SWEEP, "diffusers-pipeline"]
FEW = {
    "steps": 2,
    "batch": 2,
    "sampling_steps": 2,
    "kmeans_starts": 1,
    "k": 3,
    "encoder": "texture-statistics",
    "encoder_side": 16,
    "optimizer": "adamw",
    "precision": "fp32",
    "at_once": 0,
    "gradient_checkpointing": False,
    "tf32": False,
}


@pytest.fixture(scope="module")
def known():
    """All variants that ship."""
    return Catalogue.discover()


def test_a_sweep_over_k_changes_k_alone(known):
    """Same images, steps, seeds and all else as `sd-morphology`, which is that of the study."""
    base = known.get("sd-morphology").variant
    assert base.params["k"] == 33
    for name, k in SWEEP.items():
        variant = known.get(name).variant
        assert variant.params == {**base.params, "k": k}
        same = {"params": base.params, "summary": base.summary}
        assert variant.model_copy(update=same) == base


def test_baseline_and_proposal_differ_in_their_prompts_alone(known):
    """Training and sampling are the same."""
    one, other = (known.get(name).variant for name in ("sd-baseline", "sd-morphology"))
    assert one.weights == other.weights
    assert {key: other.params[key] for key in one.params} == one.params
    assert set(other.params) - set(one.params) == {"k", "encoder", "encoder_side", "standardized", "per_prompt"}


def test_what_the_study_fixes(known):
    """Fifty steps, guidance 7.5, learning rate 1e-5, as many images of each prompt, DINO for the clusters."""
    variant = known.get("sd-morphology").variant
    expected = {"sampling_steps": 50, "guidance": 7.5, "learning_rate": 1e-5, "flip": True, "per_prompt": "equal"}
    assert {key: variant.params[key] for key in expected} == expected
    assert (variant.labels, variant.guided_by, variant.pixels) == ("equal", ("dino-vitb8",), 512)


@pytest.mark.parametrize("name", STUDY)
def test_weights_are_pinned_to_a_commit_and_to_digests(known, name):
    """Nothing but safetensors, configuration and vocabulary; every tensor file with its digest."""
    (wanted,) = known.get(name).wanted
    weights = wanted.weights
    assert (wanted.part, weights.hub) == ("base", "stable-diffusion-v1-5/stable-diffusion-v1-5")
    assert {Path(file).suffix for file in weights.files} == {".json", ".safetensors", ".txt"}
    assert set(weights.sha256) == {file for file in weights.files if file.endswith(".safetensors")}


@pytest.mark.parametrize("name", STUDY)
def test_an_entry_runs_on_a_folder_in_place_of_the_hub(known, name, toy_pipeline, tmp_path, images, requests, context):
    """By `extends` and `weights` alone; few steps, an encoder that is here."""
    loaded = targets.load(known.get(name).variant.generator)
    params = {key: value for key, value in FEW.items() if key in inspect.signature(loaded).parameters}
    mine = {"mine": {"extends": name, "weights": {"base": str(toy_pipeline)}, "params": params}}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(mine))
    listed = Catalogue.discover([tmp_path / "mine.yaml"]).get("mine")
    generator = targets.load(listed.variant.generator)(**listed.variant.params)
    (wanted,) = listed.wanted
    context = replace(context, _weights={"base": lambda: Path(wanted.weights.path)})
    if listed.variant.fits_on:
        generator.fit(images, context)
    batches = list(generator.sample(requests, context))
    drawn = np.concatenate([batch.images for batch in batches])
    assert drawn.shape == (6, 16, 16, 3)
    texts = [prompt for batch in batches for prompt in batch.prompts]
    assert all(requests.classes[label] in text for label, text in zip(requests.labels, texts, strict=True))
    assert ("morphology type" in texts[0]) == ("morphology" in name)
    if "morphology" in name:
        # Three images of each label, dealt over the clusters that met it.
        assert texts[0] != texts[2] or len(set(texts)) == 2
