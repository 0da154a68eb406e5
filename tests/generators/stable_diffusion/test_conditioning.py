"""What a UNet is told: as the pipelines of both classes tell it themselves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from toybench import pipeline as toys

from benchmark.errors import UserError
from generators.stable_diffusion import conditioning, sampling
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.sampling import Settings

PROMPTS = ["cancer", "healthy", ""]
SEEDS = np.array([3, 4, 5])


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A pipeline of SDXL's class."""
    return toys.save_large(tmp_path_factory.mktemp("large"))


@pytest.fixture(scope="module")
def pipeline(large):
    """The same, loaded."""
    return pipelines.load(large, device="cpu", scheduler="ddim")


def test_two_encoders_a_summary_and_sizes(pipeline):
    """Embeddings side by side, the second encoder's summary, the size that is made; nothing at all for no prompt."""
    found = conditioning.of(pipeline, PROMPTS)
    expected, _, pooled, _ = pipeline.encode_prompt(PROMPTS[:2], device="cpu", do_classifier_free_guidance=False)
    assert torch.equal(found.embeddings[:2], expected)
    assert torch.equal(found.pooled[:2], pooled)
    assert found.sizes.tolist() == [[16, 16, 0, 0, 16, 16]] * 3
    assert not found.embeddings[2].any()
    assert not found.pooled[2].any()
    assert found.embeddings.shape[2] == 32


def test_no_prompt_is_read_where_the_pipeline_says_so(large, tmp_path):
    """Without `force_zeros_for_empty_prompt` the empty text is a text."""
    pipeline = pipelines.load(large, device="cpu")
    pipeline.register_to_config(force_zeros_for_empty_prompt=False)
    assert conditioning.of(pipeline, [""]).embeddings.any()


def test_sdxl_samples_as_its_own_call_does(pipeline):
    """Prompts as text there, what the UNet is told here; with guidance, and brought back by rescaling."""
    told, null = conditioning.of(pipeline, PROMPTS), conditioning.of(pipeline, [""])
    found = sampling.sample(pipeline, told, null, SEEDS, Settings(3, 6.0, 0.7))
    # Only a call without a negative prompt means nothing at all by it.
    images = pipeline(
        PROMPTS[:2], latents=sampling.noise(SEEDS[:2], (4, 8, 8)), num_inference_steps=3, guidance_scale=6.0,
        guidance_rescale=0.7, output_type="np",
    ).images  # fmt: skip
    assert np.abs(found[:2] - images * 255).max() <= 1
    plain = sampling.sample(pipeline, told, null, SEEDS, Settings(3, 6.0))
    assert np.abs(found.astype(int) - plain).max() > 1


def test_a_unet_is_called_with_it(pipeline, toy_pipeline):
    """One line for a training loop, whatever the class."""
    small = pipelines.load(toy_pipeline, device="cpu")
    for one in (small, pipeline):
        rows = conditioning.of(one, PROMPTS).take(torch.tensor([1, 1, 0]))
        noisy = torch.randn(3, 4, 8, 8, generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            predicted = one.unet(noisy[[0, 0, 0]], torch.tensor([5, 5, 5]), **rows.for_unet()).sample
        assert torch.equal(predicted[0], predicted[1])
        assert not torch.equal(predicted[0], predicted[2])


def test_rows_may_be_trained_on(pipeline):
    """Autograd takes them, as it takes no tensor of inference mode."""
    found = conditioning.of(pipeline, PROMPTS)
    weight = torch.ones(1, requires_grad=True)
    (found.take([0]).embeddings * weight).sum().backward()
    assert weight.grad is not None
    assert not found.embeddings.is_inference()


def test_a_prompt_too_long_for_either_encoder_is_refused(pipeline):
    """Its last words would be cut off unseen."""
    with pytest.raises(UserError, match="The prompt 'cancercancer.*' has .* tokens; the model reads 96"):
        conditioning.of(pipeline, ["ok", "cancer" * 20])


def test_parts_are_joined_in_order(pipeline):
    """As if they had been read at once."""
    found = conditioning.of(pipeline, PROMPTS)
    again = conditioning.join([found.take([0]), found.take([1, 2])])
    assert len(again) == 3
    assert all(torch.equal(getattr(again, name), getattr(found, name)) for name in ("embeddings", "pooled", "sizes"))


@pytest.mark.parametrize("kind", ["fp16", "bf16"])
def test_half_precision_stays_near_and_the_vae_out_of_float16(large, pipeline, kind):
    """Within three gray levels of float32; the VAE of this class would overflow in float16."""
    low = pipelines.load(large, device="cpu", scheduler="ddim", dtype=kind)
    assert low.unet.dtype == {"fp16": torch.float16, "bf16": torch.bfloat16}[kind]
    assert low.vae.dtype == {"fp16": torch.float32, "bf16": torch.bfloat16}[kind]
    assert low.text_encoder_2.dtype == torch.float32
    told, null = conditioning.of(pipeline, PROMPTS), conditioning.of(pipeline, [""])
    images = [sampling.sample(one, told, null, SEEDS, Settings(3, 3.0)) for one in (pipeline, low)]
    assert np.abs(images[0].astype(int) - images[1]).max() <= 3
