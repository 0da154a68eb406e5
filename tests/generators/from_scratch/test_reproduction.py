"""What an autoencoder errs by, by hand, and that standard latents change no picture."""

from __future__ import annotations

import pytest
import torch

from generators.from_scratch import networks, reproduction


@pytest.fixture
def vae():
    """An autoencoder with a little noise on its first weights, so that it is no linear map."""
    with networks.seeded(1):
        found = networks.vae(side=16, channels=3, widths=(16, 32), groups=4).eval().requires_grad_(False)
        for weight in found.parameters():
            weight += 0.02 * torch.randn(weight.shape)
    return found


@pytest.fixture
def images():
    """Eight images in [-1, 1]."""
    return torch.rand((8, 3, 16, 16), generator=torch.Generator().manual_seed(2)) * 2 - 1


def test_the_loss_by_hand(vae, images):
    """Squared error, half of that of differences to the next pixel, and a little divergence from the normal."""
    found = float(reproduction.loss_of(vae, images, torch.Generator().manual_seed(3)))
    posterior = vae.encode(images).latent_dist
    error = vae.decode(posterior.sample(torch.Generator().manual_seed(3))).sample - images
    down, right = error[:, :, 1:] - error[:, :, :-1], error[..., 1:] - error[..., :-1]
    divergence = posterior.kl().sum() / posterior.mean.numel()
    expected = (error**2).mean() + 0.5 * ((down**2).mean() + (right**2).mean()) + 2e-5 * divergence
    assert found == pytest.approx(float(expected), rel=1e-5)


def test_standard_latents_change_no_picture(vae, images):
    """Mean zero and deviation one in each channel; the posterior's deviation is scaled alike, and pictures stay."""
    before = vae.encode(images).latent_dist
    drawn = vae.decode(before.sample(torch.Generator().manual_seed(1))).sample
    spread = before.mean.std(dim=(0, 2, 3))
    reproduction.standardize(vae, before.mean)
    after = vae.encode(images).latent_dist
    torch.testing.assert_close(after.mean.mean(dim=(0, 2, 3)), torch.zeros(3), atol=1e-3, rtol=0)
    torch.testing.assert_close(after.mean.std(dim=(0, 2, 3)), torch.ones(3), atol=1e-3, rtol=0)
    torch.testing.assert_close(after.std, before.std / spread[:, None, None], rtol=1e-3, atol=1e-5)
    assert vae.config.scaling_factor == 1.0
    again = vae.decode(after.sample(torch.Generator().manual_seed(1))).sample
    torch.testing.assert_close(again, drawn, rtol=1e-3, atol=2e-3)
