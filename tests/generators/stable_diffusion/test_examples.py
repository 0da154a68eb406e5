"""What a training reads: the gradient is that of encoding images and prompts in the loop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import DDPMScheduler

from benchmark import seeds
from generators.stable_diffusion import examples, losses
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.recipe import Recipe

PROMPTS = ["of tissue b", "", "of tissue a", "of tissue c"] * 10
RECIPE = Recipe(batch=8, caption_dropout=0.4)


def in_the_loop(pipeline, scheduler, images, step, *, noise_of_the_vae=None):
    """The loss of a step as diffusers' text-to-image example computes it, image, mirror, prompt and noise as drawn."""
    generator = torch.Generator().manual_seed(seeds.derive(5, "train", step))
    rows = torch.randint(len(images), (8,), generator=generator)
    flips = torch.randint(2, (8,), generator=generator)
    empty = torch.rand(8, generator=generator) < 0.4
    times = torch.randint(1000, (8,), generator=generator)
    posterior, noise = torch.randn((2, 8, 4, 8, 8), generator=generator)
    shown = np.stack(
        [images.read(row, row + 1)[0][:, :: -1 if flip else 1] for row, flip in zip(rows, flips, strict=True)]
    )
    pixels = torch.from_numpy(shown).permute(0, 3, 1, 2).float() / 127.5 - 1
    texts = ["" if dropped else PROMPTS[row] for row, dropped in zip(rows, empty, strict=True)]
    assert {"", *texts} > {""}
    assert 0 < int(flips.sum()) < 8
    tokens = pipeline.tokenizer(texts, padding="max_length", truncation=True, return_tensors="pt").input_ids
    states = pipeline.text_encoder(tokens, return_dict=False)[0]
    encoded = pipeline.vae.encode(pixels).latent_dist
    drawn = posterior if noise_of_the_vae is None else torch.randn(posterior.shape, generator=noise_of_the_vae)
    latents = (encoded.mean + encoded.std * drawn) * pipeline.vae.config.scaling_factor
    noisy = scheduler.add_noise(latents, noise, times)
    target = noise if scheduler.config.prediction_type == "epsilon" else scheduler.get_velocity(latents, noise, times)
    predicted = pipeline.unet(noisy, times, states, return_dict=False)[0]
    return torch.nn.functional.mse_loss(predicted, target)


def gradient(pipeline, loss):
    """The gradient by all weights of the UNet, as one vector."""
    return torch.cat([one.flatten() for one in torch.autograd.grad(loss, list(pipeline.unet.parameters()))])


@pytest.fixture
def pipeline(toy_pipeline):
    """The toy pipeline, whose UNet takes gradients."""
    loaded = pipelines.load(toy_pipeline, device="cpu")
    loaded.unet.requires_grad_(True)
    return loaded


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
def test_the_gradient_is_that_of_the_loop(pipeline, images, context, kind):
    """Of the same draws, to rounding: VAE and text encoder in the loop change nothing."""
    scheduler = DDPMScheduler.from_config(pipeline.scheduler.config, prediction_type=kind)
    given = examples.prepare(pipeline, images, PROMPTS, RECIPE, context)
    for step in (0, 7):
        batch = examples.batch_of(given, RECIPE, 5, step, 1000, torch.device("cpu"), slice(0, 8))
        loss = losses.loss_of(pipeline.unet, scheduler, batch, 0.0)
        expected = in_the_loop(pipeline, scheduler, images, step)
        assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
        ours, theirs = gradient(pipeline, loss), gradient(pipeline, expected)
        assert float((ours - theirs).norm()) < 1e-5 * float(theirs.norm())
        # The VAE's own draw matters: with another one it is another gradient.
        other = in_the_loop(pipeline, scheduler, images, step, noise_of_the_vae=torch.Generator().manual_seed(1))
        assert float((ours - gradient(pipeline, other)).norm()) > 1e-3 * float(theirs.norm())


def test_the_expected_gradient_is_that_of_the_loop(pipeline, images, context):
    """Over draws of the VAE's noise alone, theirs and ours: the means differ by no more than they spread."""
    scheduler = DDPMScheduler.from_config(pipeline.scheduler.config)
    given = examples.prepare(pipeline, images, PROMPTS, RECIPE, context)
    batch = examples.batch_of(given, RECIPE, 5, 0, 1000, torch.device("cpu"), slice(0, 8))
    generator = torch.Generator().manual_seed(0)
    rows = torch.randint(40, (8,), generator=torch.Generator().manual_seed(seeds.derive(5, "train", 0)))
    drawing = torch.Generator().manual_seed(seeds.derive(5, "train", 0))
    torch.randint(40, (8,), generator=drawing)
    flips = torch.randint(2, (8,), generator=drawing)
    direction = torch.randn(sum(one.numel() for one in pipeline.unet.parameters()), generator=generator)
    ours, theirs = [], []
    for draw in range(40):
        fresh = given.moments.sample(flips, rows, torch.randn(8, 4, 8, 8, generator=generator))
        loss = losses.loss_of(pipeline.unet, scheduler, batch._replace(clean=fresh), 0.0)
        ours.append(float(gradient(pipeline, loss) @ direction))
        vae = torch.Generator().manual_seed(1000 + draw)
        theirs.append(
            float(gradient(pipeline, in_the_loop(pipeline, scheduler, images, 0, noise_of_the_vae=vae)) @ direction)
        )
    error = np.hypot(np.std(ours), np.std(theirs)) / 40**0.5
    assert error > 0
    assert abs(np.mean(ours) - np.mean(theirs)) < 4 * error
    assert np.std(ours) == pytest.approx(np.std(theirs), rel=0.6)


def tensors(batch):
    """All that the UNet is shown."""
    return [batch.clean, batch.noise, batch.times, batch.told.embeddings]


def test_a_share_of_a_batch_is_those_rows_of_the_whole(pipeline, images, context):
    """What two processes work on is together what one would."""
    given = examples.prepare(pipeline, images, PROMPTS, RECIPE, context)
    whole, first, second = (
        examples.batch_of(given, RECIPE, 5, 3, 1000, torch.device("cpu"), share)
        for share in (slice(0, 8), slice(0, 4), slice(4, 8))
    )
    for one, *parts in zip(*map(tensors, (whole, first, second)), strict=True):
        assert torch.equal(one, torch.cat(parts))
    assert all(torch.equal(one[2:5], part) for one, part in zip(tensors(whole), tensors(whole.part(2, 5)), strict=True))


def test_another_process_finds_the_same(pipeline, images, context):
    """Latents and texts, from the scratch folder."""
    recipe = replace(RECIPE, processes=2)
    given = examples.prepare(pipeline, images, PROMPTS, recipe, context)
    found = examples.opened(pipeline, recipe, context.scratch)
    assert np.array_equal(given.moments.values, found.moments.values)
    assert torch.equal(given.prompts, found.prompts)
    assert torch.equal(given.told.embeddings, found.told.embeddings)
