"""Sampling: each image's noise is its own, and the way down is the sampler's, with guidance or without."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import torch
from scipy import stats

from generators.stable_diffusion import conditioning, sampling, schedulers
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.conditioning import Conditioning
from generators.stable_diffusion.sampling import Settings

PROMPTS = ["histology image of cancer tissue", "histology image of healthy tissue", "bark"]
SEEDS = np.array([11, 2**40 + 3, 2**62 + 17], np.int64)


@pytest.fixture
def pipeline(toy_pipeline):
    """The toy pipeline with a deterministic sampler."""
    return pipelines.load(toy_pipeline, device="cpu", scheduler="ddim")


@pytest.fixture
def embedded(pipeline):
    """Embeddings of the prompts, and of the empty one."""
    return conditioning.of(pipeline, PROMPTS), conditioning.of(pipeline, [""])


def by_hand(pipeline, told, null, seeds, *, steps, guidance):
    """The same written out: Ho and Salimans' guidance on two separate calls of the UNet, one image at a time."""
    images = []
    for row, seed in enumerate(seeds):
        generator = torch.Generator().manual_seed(int(seed))
        more = {"generator": generator} if "generator" in inspect.signature(pipeline.scheduler.step).parameters else {}
        pipeline.scheduler.set_timesteps(steps)
        latent = sampling.noise(np.array([seed]), (4, 8, 8)) * pipeline.scheduler.init_noise_sigma
        for time in pipeline.scheduler.timesteps:
            scaled = pipeline.scheduler.scale_model_input(latent, time)
            with torch.no_grad():
                toward = pipeline.unet(scaled, time, **told.take([row]).for_unet()).sample
                away = pipeline.unet(scaled, time, **null.for_unet()).sample
            latent = pipeline.scheduler.step(away + guidance * (toward - away), time, latent, **more).prev_sample
        with torch.no_grad():
            decoded = pipeline.vae.decode(latent / pipeline.vae.config.scaling_factor).sample
        images.append(((decoded[0].clamp(-1, 1) + 1) * 127.5).round().permute(1, 2, 0).numpy())
    return np.stack(images)


@pytest.mark.parametrize(
    ("scheduler", "guidance"),
    [("ddim", 1.0), ("ddim", 7.5), *((name, 3.0) for name in schedulers.SCHEDULERS if name != "ddim")],
)
def test_sampling_is_the_samplers_own_way_down(pipeline, embedded, scheduler, guidance):
    """Within the rounding of batches, with and without guidance; guidance does matter."""
    pipeline.scheduler = schedulers.named(scheduler, pipeline.scheduler)
    found = sampling.sample(pipeline, *embedded, SEEDS, Settings(4, guidance))
    expected = by_hand(pipeline, *embedded, SEEDS, steps=4, guidance=guidance)
    assert found.dtype == np.uint8
    assert found.shape == (3, 16, 16, 3)
    assert np.abs(found - expected).max() <= 1
    other = sampling.sample(pipeline, *embedded, SEEDS, Settings(4, guidance + 40))
    assert np.abs(found.astype(int) - other).max() > 1


def test_guidance_of_one_is_none(pipeline, embedded):
    """The empty prompt then plays no part at all; with guidance it does."""
    told, null = embedded

    def drawn(null, guidance):
        return sampling.sample(pipeline, told, null, SEEDS, Settings(3, guidance))

    large = Conditioning(null.embeddings * 50)
    assert np.array_equal(drawn(null, 1.0), drawn(large, 1.0))
    assert not np.array_equal(drawn(null, 3.0), drawn(large, 3.0))


def test_prompts_and_seeds_stay_with_their_images(pipeline, embedded):
    """In another order, the images come in that order."""
    told, null = embedded
    whole = sampling.sample(pipeline, told, null, SEEDS, Settings(3, 2.0))
    order = [2, 0, 1]
    turned = sampling.sample(pipeline, told.take(order), null, SEEDS[order], Settings(3, 2.0))
    assert np.abs(whole[order].astype(int) - turned).max() <= 1
    swapped = sampling.sample(pipeline, told, null, SEEDS[order], Settings(3, 2.0))
    assert all(np.abs(whole[number].astype(int) - swapped[number]).max() > 1 for number in range(3))


@pytest.mark.parametrize("name", ["saved", "ddpm", "dpm-solver-sde", "euler-ancestral", "kdpm2-ancestral"])
def test_an_image_is_its_seeds_alone(pipeline, embedded, name):
    """Whatever is drawn beside it and whatever torch's global state, which stays as it was.

    Also where a sampler draws more noise on its way.
    """
    pipeline.scheduler = schedulers.named(name, pipeline.scheduler)
    told, null = embedded
    found = []
    with torch.random.fork_rng():
        for seed in (1, 2):
            torch.manual_seed(seed)
            before = torch.get_rng_state()
            found.append(sampling.sample(pipeline, told, null, SEEDS, Settings(5, 2.0)))
            assert torch.equal(before, torch.get_rng_state())
    assert np.array_equal(*found)
    for number in range(3):
        part = slice(number, number + 1)
        alone = sampling.sample(pipeline, told.take([number]), null, SEEDS[part], Settings(5, 2.0))
        assert np.abs(found[0][part].astype(int) - alone).max() <= 1
    same = sampling.sample(pipeline, told.take([0, 0]), null, np.array([7, 8]), Settings(5, 2.0))
    assert np.abs(same[0].astype(int) - same[1]).max() > 1


def test_a_sampler_draws_other_noise_on_its_way_than_at_the_start(pipeline, embedded, monkeypatch):
    """Or the first step of an ancestral sampler would add its own start once more."""
    pipeline.scheduler = schedulers.named("ddpm", pipeline.scheduler)
    drawn = []
    randn = torch.randn

    def watched(*arguments, **options):
        drawn.append(randn(*arguments, **options))
        return drawn[-1]

    monkeypatch.setattr(torch, "randn", watched)
    sampling.sample(pipeline, *embedded, SEEDS, Settings(4, 1.0))
    start = sampling.noise(SEEDS, (4, 8, 8))
    values = [start[0].flatten(), *(one.flatten() for one in drawn)]
    assert len(values) > 6
    correlations = np.corrcoef(np.stack([one.numpy() for one in values]))
    # Five standard errors of a correlation of 256 pairs.
    assert np.abs(correlations - np.eye(len(values))).max() < 5 / 256**0.5


def test_noise_is_standard_normal():
    """By Kolmogorov and Smirnov, within an image and over images at one place."""
    noise = sampling.noise(np.arange(400), (4, 8, 8))
    assert noise.dtype == torch.float32
    assert noise.shape == (400, 4, 8, 8)
    for values in (noise[0], noise[:, 0, 0, 0], noise[:, 3, 7, 7]):
        assert stats.kstest(values.flatten().numpy(), "norm").pvalue > 1e-3
    assert abs(float(noise.mean())) < 4 / noise.numel() ** 0.5


def test_noise_is_each_images_own():
    """Whatever is drawn beside it, in whatever order; torch's global state is neither read nor changed."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        before = torch.get_rng_state()
        whole = sampling.noise(SEEDS, (4, 8, 8))
        assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(whole.flip(0), sampling.noise(SEEDS[::-1], (4, 8, 8)))
    for number in range(3):
        assert torch.equal(whole[number : number + 1], sampling.noise(SEEDS[number : number + 1], (4, 8, 8)))


@pytest.mark.parametrize("apart", [2**32, 2**33, 2**62])
def test_every_bit_of_a_seed_counts(apart):
    """Seeds that share their last 32 bits, all that torch's generator reads, share no noise."""
    one, other = sampling.noise(np.array([5, 5 + apart]), (4, 8, 8))
    assert abs(float(torch.corrcoef(torch.stack([one.flatten(), other.flatten()]))[0, 1])) < 0.3
