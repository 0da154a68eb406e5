"""The pipeline that ships: whatever its weights, it is of the stated quality, small, offline and honest about words."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import load_file
from transformers import CLIPTextModel, CLIPTokenizer

from benchmark.plan import weights
from benchmark.registry.variants import Catalogue
from generators import prompts
from scripts.tiny_sd import quality

WEIGHTS = (
    "unet/diffusion_pytorch_model.safetensors",
    "vae/diffusion_pytorch_model.safetensors",
    "text_encoder/model.safetensors",
)


@pytest.fixture(scope="module")
def folder(request):
    """The shipped pipeline."""
    return request.config.rootpath / "generators" / "tiny_sd"


@pytest.fixture(scope="module")
def tokenizer(folder):
    """Its tokenizer."""
    return CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_it_weighs_six_megabytes_at_most(folder):
    """A megabyte being a million bytes."""
    assert sum(path.stat().st_size for path in files(folder)) <= 6_000_000


def test_it_holds_json_and_safetensors_alone(folder):
    """No pickle, no code, nothing that is run when it is loaded."""
    assert {path.suffix for path in files(folder)} - {".md"} == {".json", ".safetensors"}
    assert set(WEIGHTS) == {str(path.relative_to(folder)) for path in files(folder) if path.suffix == ".safetensors"}


@pytest.mark.parametrize("name", WEIGHTS)
def test_its_weights_are_finite_and_of_half_precision(folder, name):
    """Every one of them."""
    tensors = load_file(folder / name)
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}
    assert all(tensor.isfinite().all() for tensor in tensors.values())


def test_it_does_not_tell_where_it_was_made(folder):
    """No file names a folder of the machine that made it."""
    for path in files(folder):
        if path.suffix == ".json":
            assert '"/' not in path.read_text(encoding="utf-8").replace('"/"', "").replace('"/</w>"', ""), path


OFFLINE = """
import socket, sys
import torch
from diffusers import StableDiffusionPipeline

def refuse(*arguments, **options):
    raise AssertionError("the network was asked")

socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
names = [type(part).__name__ for part in StableDiffusionPipeline.from_pretrained(sys.argv[1]).components.values()]
# Left to themselves, diffusers takes float32 and transformers the float16 that was saved.
pipeline = StableDiffusionPipeline.from_pretrained(sys.argv[1], dtype=torch.float32)
image = pipeline("Histology image of cancer tissue", num_inference_steps=2, output_type="np").images
assert image.shape == (1, 32, 32, 3)
print(*sorted(name for name in names if name != "NoneType"))
"""


@pytest.mark.slow
def test_plain_diffusers_loads_and_samples_it_without_a_network(folder):
    """As a user would, by its folder alone, in a process in which every connection fails."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, str(folder)], capture_output=True, text=True, timeout=300, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [
        "AutoencoderKL", "CLIPTextModel", "CLIPTokenizer", "DDIMScheduler", "UNet2DConditionModel",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "part"), [(UNet2DConditionModel, "unet"), (AutoencoderKL, "vae"), (CLIPTextModel, "text_encoder")]
)
def test_no_weight_is_missing_or_left_over(folder, kind, part):
    """What the settings ask for is what the file holds."""
    _, report = kind.from_pretrained(folder / part, local_files_only=True, output_loading_info=True)
    assert not any(report.values())


def test_prompts_of_a_hundred_clusters_and_both_labels_are_one_token_a_word(tokenizer):
    """So no morphology's name is spelt from pieces, and all fit the text encoder with its marks."""
    asked = [prompts.baseline(label) for label in ("healthy", "cancer")]
    asked += [prompts.enriched(label, cluster) for label in ("healthy", "cancer") for cluster in range(100)]
    for prompt in asked:
        ids = tokenizer(prompt).input_ids
        words = prompt.lower().replace(",", " ,").replace("-", " - ").split()
        assert tokenizer.convert_ids_to_tokens(ids)[1:-1] == [f"{word}</w>" for word in words]
        assert len(ids) <= tokenizer.model_max_length


def test_no_two_prompts_are_the_same_tokens(tokenizer):
    """Nor do words fall together with the token of the unknown."""
    asked = [prompts.enriched(label, cluster) for label in ("healthy", "cancer") for cluster in range(100)]
    assert len({tuple(tokenizer(prompt).input_ids) for prompt in asked}) == 200
    assert tokenizer.unk_token_id not in tokenizer(asked[0]).input_ids[1:-1]


def test_its_cheap_figures_lie_in_the_stated_bands(folder):
    """Round trip, denoising, heed of captions and size, on textures it has never seen."""
    found = quality.measure(folder, sampled=False)
    assert len(found) == 4
    assert not quality.judge(found), found


@pytest.mark.slow
def test_its_pictures_are_textures(folder):
    """Drawn ones too lie in their band."""
    found = quality.measure(folder)
    assert found.keys() == quality.BANDS.keys()
    assert not quality.judge(found), found


def test_it_is_found_by_the_name_that_variants_use():
    """Inside the installed package, with a digest of its own."""
    wanted = Catalogue.discover().get("off-the-shelf").wanted
    spec = weights.resolve(wanted[0], digest_of=lambda path: path.name, offline=True)
    assert (spec.folder / "model_index.json").is_file()
