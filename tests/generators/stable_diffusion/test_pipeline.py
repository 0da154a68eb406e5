"""Loading: the parts as they were saved and nothing made up, quietly; prompts whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel, CLIPTokenizer

from benchmark.errors import UserError
from generators.stable_diffusion import conditioning, schedulers
from generators.stable_diffusion import pipeline as pipelines

KINDS = {"unet": UNet2DConditionModel, "vae": AutoencoderKL, "text_encoder": CLIPTextModel}
WEIGHTS = {
    "unet": "unet/diffusion_pytorch_model.safetensors",
    "vae": "vae/diffusion_pytorch_model.safetensors",
    "text_encoder": "text_encoder/model.safetensors",
}


@pytest.fixture
def copy(toy_with):
    """A copy of the toy pipeline to break."""
    return toy_with()


@pytest.fixture(scope="module")
def loaded(toy_pipeline):
    """The toy pipeline."""
    return pipelines.load(toy_pipeline, device="cpu")


def rewrite(path, change):
    """Change the tensors of a file."""
    save_file(change(load_file(path)), path, {"format": "pt"})


def test_the_parts_are_those_of_the_folder(loaded, toy_pipeline):
    """Bit for bit what diffusers and transformers load one by one, frozen and set to inference."""
    for name, kind in KINDS.items():
        part, expected = getattr(loaded, name), kind.from_pretrained(toy_pipeline / name).state_dict()
        found = part.state_dict()
        assert found.keys() == expected.keys()
        assert all(torch.equal(found[key], expected[key]) for key in found)
        assert not part.training
        assert not any(parameter.requires_grad for parameter in part.parameters())
    assert isinstance(loaded.scheduler, DDIMScheduler)
    assert loaded.safety_checker is None


def test_half_precision_is_brought_to_single(loaded, copy, tmp_path):
    """Weights saved as float16 compute in float32, a UNet put in place of the pipeline's own too."""
    for file in WEIGHTS.values():
        rewrite(copy / file, lambda tensors: {name: tensor.half() for name, tensor in tensors.items()})
    settings = copy / "text_encoder/config.json"
    settings.write_text(settings.read_text().replace('"dtype": "float32"', '"dtype": "float16"'))
    assert "float16" in settings.read_text()
    shutil.copytree(copy / "unet", tmp_path / "other-unet")
    for unet in (None, tmp_path / "other-unet"):
        pipeline = pipelines.load(copy, device="cpu", unet=unet)
        for name in KINDS:
            assert {tensor.dtype for tensor in getattr(pipeline, name).parameters()} == {torch.float32}
        assert torch.equal(pipeline.unet.conv_in.weight, loaded.unet.conv_in.weight.half().float())


def test_a_fine_tuned_unet_takes_the_place_of_the_pipelines_own(toy_pipeline, copy):
    """The other parts stay."""
    rewrite(copy / WEIGHTS["unet"], lambda tensors: {name: tensor + 1 for name, tensor in tensors.items()})
    base = pipelines.load(toy_pipeline, device="cpu")
    tuned = pipelines.load(toy_pipeline, device="cpu", unet=copy / "unet")
    assert torch.equal(tuned.unet.conv_in.weight, base.unet.conv_in.weight + 1)
    assert torch.equal(tuned.vae.quant_conv.weight, base.vae.quant_conv.weight)


def test_an_unknown_sampler_is_answered_with_the_nearest(toy_pipeline):
    """And with all that are known."""
    with pytest.raises(UserError) as raised:
        pipelines.load(toy_pipeline, device="cpu", scheduler="ddimm")
    assert str(raised.value) == (
        "There is no scheduler 'ddimm'. Did you mean 'ddim'? Known: "
        + ", ".join(sorted([*schedulers.SCHEDULERS, "saved"]))
        + "."
    )


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def lose(path):
    """Take one tensor out of a file."""
    rewrite(path, lambda tensors: {name: tensors[name] for name in sorted(tensors)[1:]})


BROKEN = {
    "an empty folder": (lambda place: (shutil.rmtree(place), place.mkdir()), "there is no model_index.json. Expected a folder"),
    "no folder": (shutil.rmtree, "there is no model_index.json. Expected a folder that StableDiffusionPipeline"),
    "a file": (lambda place: (shutil.rmtree(place), place.write_text("x")), "there is no model_index.json"),
    "an index that is no JSON": (lambda place: (place / "model_index.json").write_text("{"), "is not a valid JSON file"),
    "a folder of a part gone": (lambda place: shutil.rmtree(place / "unet"), "there is no folder unet"),
    "no scheduler": (lambda place: shutil.rmtree(place / "scheduler"), "no file named scheduler_config.json"),
    "an unknown schedule": (
        lambda place: (place / "scheduler/scheduler_config.json").write_text('{"beta_schedule": "steep"}'),
        "steep is not implemented",
    ),
    "no vocabulary": (lambda place: (place / "tokenizer/tokenizer.json").unlink(), "its tokenizer knows 2 tokens, its text encoder 78"),
    "no tokenizer": (lambda place: shutil.rmtree(place / "tokenizer"), "its tokenizer knows 2 tokens, its text encoder 78"),
    "weights as a pickle": (lambda place: (place / WEIGHTS["unet"]).rename(place / "unet/diffusion_pytorch_model.bin"), "no file named"),
} | {
    f"{what} in the {part}": (lambda place, file=file, change=change: change(place / file), words)
    for part, file in WEIGHTS.items()
    for what, change, words in (
        ("half of the weights", cut, "can load: ."),
        ("no weights", lambda path: path.unlink(), "no file named"),
        ("weights missing", lose, f"{part} lacks 1 of its weights, [a-z_.]+ among them"),
    )
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_folder_that_is_no_whole_pipeline_is_refused(copy, case):
    """In one message that names it; above all, no weight and no word is made up where one is missing."""
    damage, words = BROKEN[case]
    damage(copy)
    with pytest.raises(UserError, match=f"^{re.escape(str(copy))} holds no Stable Diffusion pipeline.*{words}"):
        pipelines.load(copy, device="cpu")


def test_old_names_of_weights_are_read(loaded, copy):
    """As Stable Diffusion v1.5 has them: attention of the VAE, the prefix and the positions of the text encoder."""
    old = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}

    def rename(tensors):
        return {re.sub("|".join(map(re.escape, old)), lambda m: old[m[0]], name): t for name, t in tensors.items()}

    def prefix(tensors):
        positions = {"text_model.embeddings.position_ids": torch.arange(96)[None]}
        return {f"text_model.{name.removeprefix('text_model.')}": t for name, t in tensors.items()} | positions

    rewrite(copy / WEIGHTS["vae"], rename)
    rewrite(copy / WEIGHTS["text_encoder"], prefix)
    assert "encoder.mid_block.attentions.0.query.weight" in load_file(copy / WEIGHTS["vae"])
    found = pipelines.load(copy, device="cpu")
    for name in ("vae", "text_encoder"):
        one, other = getattr(found, name).state_dict(), getattr(loaded, name).state_dict()
        assert all(torch.equal(one[key], other[key]) for key in other)


@pytest.mark.parametrize(("latent", "side"), [(8, 16), (20, 40)])
def test_resolution_is_that_of_latents_times_the_vaes_reduction(toy_with, latent, side):
    """The toy VAE halves."""
    folder = toy_with("unet/config.json", sample_size=latent)
    assert pipelines.resolution(pipelines.load(folder, device="cpu")) == side


def test_prompts_are_embedded_as_the_text_encoder_does(loaded, toy_pipeline):
    """Each in its own row: tokenized by transformers, filled up, read by the last layer."""
    prompts = ["histology image of cancer tissue", "", "b"]
    tokenizer = CLIPTokenizer.from_pretrained(toy_pipeline / "tokenizer")
    encoder = CLIPTextModel.from_pretrained(toy_pipeline / "text_encoder").eval()
    ids = tokenizer(prompts, padding="max_length", max_length=96, return_tensors="pt").input_ids
    with torch.no_grad():
        expected = encoder(ids).last_hidden_state
    found = conditioning.of(loaded, prompts).embeddings
    assert found.shape == (3, 96, 16)
    torch.testing.assert_close(found, expected)
    assert not torch.allclose(found[0], found[2])
    assert not found.requires_grad


def test_many_prompts_go_through_in_blocks(loaded):
    """300 of them, each as if it were alone."""
    prompts = [f"type {number}" for number in range(300)]
    found = conditioning.of(loaded, prompts).embeddings
    assert len(found) == 300
    for number in (0, 255, 256, 299):
        torch.testing.assert_close(found[number : number + 1], conditioning.of(loaded, [prompts[number]]).embeddings)


def test_embeddings_can_be_learnt_from(loaded):
    """They are no tensors of inference mode, which autograd refuses."""
    embeddings = conditioning.of(loaded, ["a"]).embeddings
    weight = torch.ones(16, requires_grad=True)
    (embeddings * weight).sum().backward()
    torch.testing.assert_close(weight.grad, embeddings.sum(dim=(0, 1)))


def test_a_prompt_that_would_be_cut_off_is_refused(loaded):
    """One token more than the text encoder reads, its two marks counted, is one too many."""
    assert len(conditioning.of(loaded, ["a" * 94]).embeddings) == 1
    with pytest.raises(UserError) as raised:
        conditioning.of(loaded, ["a", "b" * 95])
    assert str(raised.value) == f"The prompt '{'b' * 95}' has 97 tokens; the model reads 96."


def test_the_text_encoder_says_how_much_it_reads_where_the_tokenizer_does_not(copy):
    """A tokenizer without settings would take any length."""
    (copy / "tokenizer/tokenizer_config.json").unlink()
    pipeline = pipelines.load(copy, device="cpu")
    assert conditioning.of(pipeline, ["a"]).embeddings.shape == (1, 96, 16)
    with pytest.raises(UserError, match="has 97 tokens; the model reads 96"):
        conditioning.of(pipeline, ["b" * 95])


QUIET = """
import sys
from dataclasses import replace
from pathlib import Path
import numpy as np
from benchmark.contracts.context import Context
from benchmark.contracts.generator import Requests
from benchmark.contracts.images import ArraySource, Images
from benchmark.errors import UserError
from generators.stable_diffusion.label_prompts import LabelPrompts

base, work = Path(sys.argv[1]), Path(sys.argv[2])
for name in ("fitted", "scratch"):
    (work / name).mkdir()
labels = np.arange(4) % 2
images = Images(ArraySource(np.zeros((4, 16, 16, 3), np.uint8)), np.arange(4), labels, ("a", "b"), None, "x")
context = Context(5, "cpu", work / "fitted", work / "scratch", ("a", "b"), _weights={"base": lambda: base})
for scheduler in ("saved", "dpm-solver"):
    generator = LabelPrompts(steps=2, batch=2, sampling_steps=2, scheduler=scheduler)
    generator.fit(images, context)
    requests = Requests(np.arange(2), np.arange(2), np.arange(2), np.zeros(2, int), ("a", "b"))
    assert len(list(generator.sample(requests, context))) == 1
try:
    long = replace(requests, classes=("a" * 200, "b"))
    list(generator.sample(long, context))
except UserError:
    pass
else:
    raise AssertionError("the long prompt went through")
(work / "done").touch()
"""


@pytest.mark.slow
def test_nothing_but_bench_speaks(toy_pipeline, tmp_path, root):
    """Loading, fitting, sampling and a refused prompt leave no bar and no line of a library on either stream."""
    done = subprocess.run(
        [sys.executable, "-c", QUIET, str(toy_pipeline), str(tmp_path)],
        capture_output=True, text=True, timeout=300, cwd=root, env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "done").exists()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"_class_name": "StableDiffusion3Pipeline"},
            "names the pipeline 'StableDiffusion3Pipeline'. Expected StableDiffusionPipeline or",
        ),
        ({"_class_name": ["pipeline", "Mine"]}, "names classes of its own .*Code that comes with weights is not run"),
        (
            {"unet": ["my_unet", "MyUNet"]},
            "names classes of its own [(]unet[)]. Code that comes with weights is not run",
        ),
        ({"_class_name": None}, "names the pipeline None"),
    ],
)
def test_other_pipelines_and_code_of_their_own_are_refused(toy_with, change, expected):
    """By what model_index.json says, before anything is loaded."""
    place = toy_with("model_index.json", **change)
    (place / "my_unet.py").write_text("raise RuntimeError('run')")
    with pytest.raises(UserError, match=expected):
        pipelines.load(place, device="cpu")


def test_a_repository_without_the_parts_that_make_no_image_is_whole(toy_with):
    """Its index names a safety checker and a feature extractor whose folders nobody fetched."""
    place = toy_with(
        "model_index.json",
        safety_checker=["stable_diffusion", "StableDiffusionSafetyChecker"],
        feature_extractor=["transformers", "CLIPImageProcessor"],
        requires_safety_checker=True,
    )
    pipeline = pipelines.load(place, device="cpu")
    assert pipeline.safety_checker is None
    assert pipeline.feature_extractor is None
