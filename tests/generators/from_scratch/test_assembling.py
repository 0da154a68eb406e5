"""The pipeline folder as it is saved."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from safetensors.torch import load_file

from benchmark import digests
from generators.from_scratch import assembling, networks
from generators.stable_diffusion import conditioning
from generators.stable_diffusion import pipeline as pipelines

WEIGHTS = (
    "unet/diffusion_pytorch_model.safetensors",
    "vae/diffusion_pytorch_model.safetensors",
    "text_encoder/model.safetensors",
)


def files(folder):
    return {str(path.relative_to(folder)): digests.of_file(path) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def parts(toy_pipeline):
    """Untrained networks of a fixed seed, and the toy pipeline's texts."""
    texts = pipelines.load(toy_pipeline, device="cpu")
    with networks.seeded(4):
        return {
            "vae": networks.vae(side=16, channels=4, widths=(16, 32), groups=4).eval(),
            "text_encoder": texts.text_encoder,
            "tokenizer": texts.tokenizer,
            "unet": networks.unet(
                side=8, channels=4, widths=(8, 16), layers=1, heads=2, text_width=16, attending=1
            ).eval(),
        }  # fmt: skip


@pytest.fixture
def folder(parts, tmp_path):
    """The untrained parts as a pipeline in half precision."""
    assembling.save(tmp_path / "untrained", **parts, dtype=torch.float16)
    return tmp_path / "untrained"


def test_the_scheduler_is_stable_diffusions_with_velocity():
    """Betas from 0.00085 to 0.012, linear in their roots, over 1,000 steps, by hand."""
    scheduler = assembling.build_scheduler()
    assert isinstance(scheduler, DDIMScheduler)
    betas = np.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
    np.testing.assert_allclose(scheduler.betas.numpy(), betas, rtol=1e-5)
    assert scheduler.config.prediction_type == "v_prediction"
    config = scheduler.config
    # Another offset is what diffusers warns of.
    assert (config.clip_sample, config.set_alpha_to_one, config.steps_offset) == (False, False, 1)
    scheduler.set_timesteps(4)
    assert scheduler.timesteps.tolist() == [999, 749, 499, 249]


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_weights_are_saved_as_asked_in_safetensors_alone(parts, tmp_path, dtype):
    """Every one of them, and they are those of the parts."""
    expected = {name: tensor.to(dtype) for name, tensor in parts["unet"].state_dict().items()}
    assembling.save(tmp_path / "out", **parts, dtype=dtype)
    for name in WEIGHTS:
        assert {tensor.dtype for tensor in load_file(tmp_path / "out" / name).values()} == {dtype}
    saved = load_file(tmp_path / "out" / WEIGHTS[0])
    assert saved.keys() == expected.keys()
    assert all(torch.equal(saved[name], expected[name]) for name in expected)
    assert {path.suffix for path in (tmp_path / "out").rglob("*") if path.is_file()} == {".json", ".safetensors"}


def test_diffusers_and_the_generators_load_it(folder):
    """With all its parts and no safety checker."""
    loaded = StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)
    assert loaded.safety_checker is None
    assert loaded.scheduler.config.prediction_type == "v_prediction"
    pipeline = pipelines.load(folder, device="cpu")
    assert pipelines.resolution(pipeline) == 16
    assert conditioning.of(pipeline, ["a photo"]).embeddings.shape == (1, pipeline.tokenizer.model_max_length, 16)


def test_it_does_not_tell_where_its_parts_were_made(parts, folder, tmp_path):
    """Loaded from folders, as the script does after a stop, they give the very same files."""
    parts["vae"].float().save_pretrained(tmp_path / "vae")
    parts["unet"].float().save_pretrained(tmp_path / "unet")
    again = parts | {
        "vae": AutoencoderKL.from_pretrained(tmp_path / "vae"),
        "unet": UNet2DConditionModel.from_pretrained(tmp_path / "unet"),
    }
    assembling.save(tmp_path / "again", **again, dtype=torch.float16)
    found, expected = files(tmp_path / "again"), files(folder)
    assert found.keys() == expected.keys()
    for name in WEIGHTS:
        assert found[name] == expected[name]
    for path in (tmp_path / "again").rglob("*.json"):
        assert str(tmp_path) not in path.read_text()
    assert json.loads((folder / "model_index.json").read_text())["_class_name"] == "StableDiffusionPipeline"
