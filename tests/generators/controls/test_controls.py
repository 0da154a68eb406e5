from __future__ import annotations

import numpy as np
import pytest

from benchmark.errors import UserError
from generators.controls.noise import Noise
from generators.controls.real import Real
from generators.controls.round_trip import VaeRoundTrip


def drawn(generator, requests, context):
    return np.concatenate([batch.images for batch in generator.sample(requests, context)])


def test_noise_is_uniform_and_its_own(requests, context):
    """Mean and spread of the uniform distribution over 256 levels, no two images alike, the same again."""
    images = drawn(Noise(side=32), requests, context)
    assert images.shape == (6, 32, 32, 3)
    assert abs(images.mean() - 127.5) < 2
    assert abs(images.std() - 256 / 12**0.5) < 1
    assert len({image.tobytes() for image in images}) == 6
    assert np.array_equal(images, drawn(Noise(side=32), requests, context))


def test_real_hands_out_each_image_once_by_label(requests, context, images):
    """Six requests get six different images of the labels asked for."""
    found = drawn(Real(role="floor"), requests, context)
    pixels = {image.tobytes(): label for image, label in zip(images.read(0, 40), images.labels, strict=True)}
    assert [pixels[image.tobytes()] for image in found] == requests.labels.tolist()
    assert len({image.tobytes() for image in found}) == 6


def test_real_is_the_same_in_any_batch(requests, context):
    """A part of the requests gets the same images."""
    whole = drawn(Real(role="floor"), requests, context)
    assert np.array_equal(whole[2:5], drawn(Real(role="floor"), requests.part(2, 5), context))


def test_real_says_when_images_run_out(requests, context):
    """Rank 20 of a label that has 20 images is one too many."""
    object.__setattr__(requests, "ranks", np.array([0, 0, 20, 1, 1, 2]))
    with pytest.raises(UserError, match="holds 20 images of 'healthy'"):
        drawn(Real(role="floor"), requests, context)


def test_round_trip_is_the_vae_s_own(requests, context, toy_pipeline):
    """Equal to encoding to the mean and decoding by diffusers, of the very images that `Real` hands out."""
    import torch
    from diffusers import AutoencoderKL

    found = drawn(VaeRoundTrip(role="floor"), requests, context)
    real = drawn(Real(role="floor"), requests, context)
    vae = AutoencoderKL.from_pretrained(toy_pipeline / "vae").eval()
    with torch.no_grad():
        pixels = torch.from_numpy(real).permute(0, 3, 1, 2).float() / 127.5 - 1
        decoded = vae.decode(vae.encode(pixels).latent_dist.mode()).sample
    expected = ((decoded.clamp(-1, 1) + 1) * 127.5).round().permute(0, 2, 3, 1).numpy()
    assert found.shape == real.shape
    assert np.abs(found.astype(float) - expected).max() <= 1
    assert np.abs(found.astype(float) - real).max() > 10
