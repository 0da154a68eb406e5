from __future__ import annotations

import numpy as np
import torch

from benchmark.contracts.progress import silent
from generators.stable_diffusion import latents, pipeline, sampling


def test_moments_equal_encoding_in_the_loop(images, toy_pipeline):
    """For an image and for its mirror image, which the VAE is shown apart."""
    vae = pipeline.load(toy_pipeline, device="cpu").vae
    moments = latents.encode(vae, images, 16, flipped=True, progress=silent)
    pixels = images.read(3, 4)
    for flip, shown in enumerate((pixels, pixels[:, :, ::-1])):
        with torch.no_grad():
            posterior = vae.encode(latents.to_tensor(shown, "cpu")).latent_dist
        noise = torch.randn(posterior.mean.shape, generator=torch.Generator().manual_seed(flip))
        expected = (posterior.mean + posterior.std * noise) * vae.config.scaling_factor
        found = moments.sample(torch.tensor([flip]), torch.tensor([3]), noise)
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert not torch.equal(moments.mean[0, 3], moments.mean[1, 3])


def test_pixels_survive_the_way_to_floats_and_back(images):
    """All 256 levels, in the same places."""
    pixels = images.read(0, 5)
    assert np.array_equal(latents.to_uint8(latents.to_tensor(pixels, "cpu")), pixels)


def test_noise_is_each_image_s_own():
    """Whatever is drawn beside it."""
    whole = sampling.noise(np.array([5, 6, 7]), (4, 8, 8))
    assert torch.equal(whole[1:2], sampling.noise(np.array([6]), (4, 8, 8)))
    assert abs(float(whole.mean())) < 0.15
    assert not torch.equal(whole[0], whole[1])
