"""Images as the VAE sees them, and on their way to it and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.contracts.images import ArraySource
from benchmark.contracts.progress import silent
from benchmark.protocol import pixels
from generators.stable_diffusion import latents, pipeline


def test_moments_equal_encoding_in_the_loop(images, toy_pipeline):
    """For an image and for its mirror image, which the VAE is shown apart."""
    vae = pipeline.load(toy_pipeline, device="cpu").vae
    moments = latents.encode(vae, images, 16, flipped=True, progress=silent)
    one = images.read(3, 4)
    for flip, shown in enumerate((one, one[:, :, ::-1])):
        with torch.no_grad():
            posterior = vae.encode(latents.to_tensor(shown, "cpu")).latent_dist
        noise = torch.randn(posterior.mean.shape, generator=torch.Generator().manual_seed(flip))
        expected = (posterior.mean + posterior.std * noise) * vae.config.scaling_factor
        found = moments.sample(torch.tensor([flip]), torch.tensor([3]), noise)
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert not torch.equal(moments.mean[0, 3], moments.mean[1, 3])


def test_pixels_survive_the_way_to_floats_and_back(images):
    """All 256 levels, in the same places."""
    shown = images.read(0, 5).copy()
    shown[0].flat[:256] = np.arange(256)
    assert np.array_equal(latents.to_uint8(latents.to_tensor(shown, "cpu")), shown)


def test_floats_are_clamped_and_rounded():
    """To the nearest of 256 levels, not down; what lies outside goes to the ends."""
    values = torch.tensor([-3.0, -1.0, -1 + 0.6 / 127.5, -1 + 1.4 / 127.5, 0.0, 1.0, 7.0])
    levels = latents.to_uint8(values.view(1, 1, 1, 7).expand(1, 3, 1, 7))
    assert levels.dtype == np.uint8
    assert levels[0, 0, :, 0].tolist() == [0, 0, 1, 1, 128, 255, 255]


def test_channels_and_sides_keep_their_places():
    """Red first, rows before columns."""
    shown = np.arange(2 * 3 * 4 * 3, dtype=np.uint8).reshape(2, 3, 4, 3)
    tensor = latents.to_tensor(shown, "cpu")
    assert tensor.shape == (2, 3, 3, 4)
    assert float(tensor[1, 2, 0, 3]) == pytest.approx(shown[1, 0, 3, 2] / 127.5 - 1)


def test_images_are_brought_to_the_side_first(images, toy_pipeline):
    """By Lanczos: moments of 32 pixels are those of the same images at 16."""
    vae = pipeline.load(toy_pipeline, device="cpu").vae
    large = replace(images, source=ArraySource(np.repeat(np.repeat(images.read(0, 40), 2, axis=1), 2, axis=2)))
    found = latents.encode(vae, large, 16, flipped=False, progress=silent)
    small = replace(images, source=ArraySource(pixels.resize(large.read(0, 40), 16, "lanczos")))
    expected = latents.encode(vae, small, 16, flipped=False, progress=silent)
    assert found.mean.shape == (2, 40, 4, 8, 8)
    assert torch.equal(found.mean, expected.mean)
    assert torch.equal(found.deviation, expected.deviation)


def test_without_mirror_images_the_second_half_repeats_the_first(images, toy_pipeline):
    """And progress is told of blocks."""
    vae, told = pipeline.load(toy_pipeline, device="cpu").vae, []
    many = images.take(np.arange(80) % 40, digest="eighty")
    moments = latents.encode(vae, many, 16, flipped=False, progress=lambda *words: told.append(words))
    assert torch.equal(moments.mean[0], moments.mean[1])
    assert torch.equal(moments.deviation[0], moments.deviation[1])
    assert told == [(64, 80, "images encoded"), (80, 80, "images encoded")]
    torch.testing.assert_close(moments.mean[0, :40], moments.mean[0, 40:], rtol=1e-4, atol=1e-5)


def test_a_draw_is_mean_and_deviation_of_the_row_and_the_side_asked_for():
    """By hand, with the scale last."""
    mean = torch.arange(2 * 3 * 1 * 1 * 2.0).view(2, 3, 1, 1, 2)
    moments = latents.Moments(mean=mean, deviation=mean + 100, scale=0.5)
    noise = torch.tensor([2.0, -1.0]).view(2, 1, 1, 1).expand(2, 1, 1, 2)
    found = moments.sample(torch.tensor([1, 0]), torch.tensor([2, 1]), noise)
    assert found.flatten().tolist() == [(10 + 220) / 2, (11 + 222) / 2, (2 - 102) / 2, (3 - 103) / 2]
