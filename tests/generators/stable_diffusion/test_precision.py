"""Half precision: what is computed in it, and what is not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from generators.stable_diffusion import conditioning, sampling
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.sampling import Settings

SEEDS = np.arange(4)


@pytest.mark.parametrize("kind", ["bf16", "fp16"])
def test_the_unet_computes_in_it_and_what_adds_up_does_not(toy_pipeline, kind):
    """Latents and guidance in float32 from step to step; images within three gray levels of float32."""
    exact = pipelines.load(toy_pipeline, device="cpu", scheduler="ddim")
    low = pipelines.load(toy_pipeline, device="cpu", scheduler="ddim", dtype=kind)
    dtype = {"bf16": torch.bfloat16, "fp16": torch.float16}[kind]
    assert (low.unet.dtype, low.vae.dtype, low.text_encoder.dtype) == (dtype, dtype, torch.float32)
    seen = []
    step = low.scheduler.step
    low.scheduler.step = lambda model_output, time, latent, **more: (
        seen.append((model_output.dtype, latent.dtype)) or step(model_output, time, latent, **more)
    )
    told, null = conditioning.of(exact, ["cancer"] * 4), conditioning.of(exact, [""])
    images = [sampling.sample(one, told, null, SEEDS, Settings(4, 3.0)) for one in (exact, low)]
    assert seen == [(torch.float32, torch.float32)] * 4
    distance = np.abs(images[0].astype(int) - images[1])
    assert 0 < distance.max() <= 3


def test_times_are_not_rounded(toy_pipeline):
    """999 is 1000 in bfloat16."""
    low = pipelines.load(toy_pipeline, device="cpu", dtype="bf16")
    told = conditioning.of(low, ["cancer"])
    noisy = sampling.noise(np.array([1]), (4, 8, 8))
    with torch.no_grad():
        one, other = (low.unet(noisy, torch.tensor(time), **told.for_unet()).sample for time in (999.0, 1000.0))
    assert not torch.equal(one, other)
