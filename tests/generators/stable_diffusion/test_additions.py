"""What is put on top of a pipeline: a checkpoint of one file, a LoRA; and what is refused."""

from __future__ import annotations

import shutil

import pytest
import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file
from toybench import original
from transformers import CLIPTextModel

from benchmark.errors import UserError
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.additions import Lora

PARTS = ("unet", "vae", "text_encoder")


@pytest.fixture
def lora(toy_pipeline, tmp_path):
    """A folder with a LoRA of rank 2 on the queries of the toy UNet, as diffusers saves it."""
    unet = UNet2DConditionModel.from_pretrained(toy_pipeline / "unet")
    with torch.random.fork_rng():
        torch.manual_seed(1)
        unet.add_adapter(LoraConfig(r=2, lora_alpha=4, target_modules=["to_q"], init_lora_weights=False))
    layers = get_peft_model_state_dict(unet)
    StableDiffusionPipeline.save_lora_weights(tmp_path / "lora", unet_lora_layers=layers)
    return tmp_path / "lora"


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_a_lora_changes_weights_by_its_product(toy_pipeline, lora, scale):
    """Worked out by hand: W + scale x alpha / r x B A (without alpha in the file, alpha is r); no layer stays behind."""
    base = pipelines.load(toy_pipeline, device="cpu").unet.state_dict()
    found = pipelines.load(toy_pipeline, device="cpu", lora=Lora(lora, scale)).unet.state_dict()
    assert found.keys() == base.keys()
    stored = load_file(next(lora.glob("*.safetensors")))
    down = {name.split(".lora")[0].removeprefix("unet."): stored[name] for name in stored if "lora_A" in name}
    up = {name.split(".lora")[0].removeprefix("unet."): stored[name] for name in stored if "lora_B" in name}
    assert len(down) > 2
    for name in base:
        module = name.removesuffix(".weight")
        change = scale * up[module] @ down[module] if module in down else 0
        torch.testing.assert_close(found[name], base[name] + change)
        assert torch.equal(found[name], base[name]) == (module not in down)


def test_a_lora_may_change_the_text_encoder_too(toy_pipeline, tmp_path):
    """Both parts by their own product; with the scale, in both."""
    parts = {"unet": ("to_q", UNet2DConditionModel), "text_encoder": ("q_proj", CLIPTextModel)}
    layers, base = {}, pipelines.load(toy_pipeline, device="cpu")
    for part, (target, kind) in parts.items():
        model = kind.from_pretrained(toy_pipeline / part)
        with torch.random.fork_rng():
            torch.manual_seed(2)
            model.add_adapter(LoraConfig(r=2, lora_alpha=2, target_modules=[target], init_lora_weights=False))
        layers[f"{part}_lora_layers"] = get_peft_model_state_dict(model)
    StableDiffusionPipeline.save_lora_weights(tmp_path / "both", **layers)
    found = pipelines.load(toy_pipeline, device="cpu", lora=Lora(tmp_path / "both", 0.5))
    for part, (target, _) in parts.items():
        before, after = getattr(base, part).state_dict(), getattr(found, part).state_dict()
        assert after.keys() == before.keys()
        learnt = layers[f"{part}_lora_layers"]
        for name in before:
            change = 0.0
            if f"{target}." in name and name.endswith("weight"):
                stem = next(key for key in learnt if key.split(".lora_A")[0].endswith(name.removesuffix(".weight")))
                change = 0.5 * learnt[stem.replace("lora_A", "lora_B")] @ learnt[stem]
            torch.testing.assert_close(after[name], before[name] + change)
        assert any(not torch.equal(after[name], before[name]) for name in before)


def test_what_is_no_lora_of_this_pipeline_is_refused(toy_pipeline, lora, tmp_path):
    """Of another shape, of nothing that is here, a pickle, none at all."""
    file = next(lora.glob("*.safetensors"))
    stored = load_file(file)
    (tmp_path / "wide").mkdir()
    save_file(
        {name: torch.cat([one, one], 1).contiguous() for name, one in stored.items()}, tmp_path / "wide/x.safetensors"
    )
    with pytest.raises(UserError, match="x.safetensors is no LoRA for this pipeline: .*size mismatch"):
        pipelines.load(toy_pipeline, device="cpu", lora=Lora(tmp_path / "wide"))
    (tmp_path / "other").mkdir()
    save_file({f"transformer.{name}": one for name, one in stored.items()}, tmp_path / "other/x.safetensors")
    with pytest.raises(UserError, match="x.safetensors is no LoRA for this pipeline"):
        pipelines.load(toy_pipeline, device="cpu", lora=Lora(tmp_path / "other"))
    (tmp_path / "pickled").mkdir()
    (tmp_path / "pickled/x.bin").write_bytes(b"x")
    with pytest.raises(UserError, match="LoRA: expected one .safetensors file in .*pickled, found none. Pickles"):
        pipelines.load(toy_pipeline, device="cpu", lora=Lora(tmp_path / "pickled"))


def test_a_checkpoint_of_one_file_takes_the_place_of_all_weights(toy_pipeline, tmp_path):
    """Its configuration and tokenizer come from a folder without weights; nothing is fetched."""
    folder = tmp_path / "configuration"
    shutil.copytree(toy_pipeline, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    file = original.save(toy_pipeline, tmp_path / "one.safetensors")
    base, found = pipelines.load(toy_pipeline, device="cpu"), pipelines.load(folder, device="cpu", checkpoint=file)
    for name in PARTS:
        expected, part = getattr(base, name).state_dict(), getattr(found, name).state_dict()
        assert part.keys() == expected.keys()
        assert all(torch.equal(part[key], expected[key]) for key in expected)
    assert found.safety_checker is None


@pytest.mark.parametrize(
    "lost",
    [
        "model.diffusion_model.input_blocks.1.0.in_layers.2.weight",
        "first_stage_model.decoder.conv_in.weight",
        "cond_stage_model.transformer.text_model.final_layer_norm.weight",
    ],
)
def test_a_checkpoint_that_lacks_weights_is_refused(toy_pipeline, tmp_path, lost):
    """In any part: the libraries would make some up, or fail in the middle."""
    file = original.save(toy_pipeline, tmp_path / "one.safetensors")
    save_file({name: one for name, one in load_file(file).items() if name != lost}, file)
    with pytest.raises(UserError, match="one.safetensors is no checkpoint of the pipeline .*lacks some of its weights"):
        pipelines.load(toy_pipeline, device="cpu", checkpoint=file)


def test_a_pickled_checkpoint_is_not_loaded(toy_pipeline, tmp_path):
    """It would run what it holds."""
    (tmp_path / "one.ckpt").write_bytes(b"x")
    with pytest.raises(UserError, match="Checkpoint: expected one .safetensors file in .*Pickles .* are not loaded"):
        pipelines.load(toy_pipeline, device="cpu", checkpoint=tmp_path / "one.ckpt")
