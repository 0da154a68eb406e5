"""The first weights of the autoencoder: linear maps, whatever the seed; ordinary first weights are not."""

from __future__ import annotations

import pytest
import torch
from diffusers import AutoencoderKL

from generators.from_scratch import linear_start, networks, reproduction


@pytest.fixture(scope="module", params=[0, 1])
def linear(request):
    """An untrained autoencoder of two levels."""
    with networks.seeded(request.param):
        return built().eval().requires_grad_(False)


@pytest.fixture(scope="module")
def images():
    """Two dozen images in [-1, 1]: soft shapes of all colors, and some noise."""
    generator = torch.Generator().manual_seed(3)
    coarse = torch.rand((24, 3, 4, 4), generator=generator) * 2 - 1
    soft = torch.nn.functional.interpolate(coarse, size=(32, 32), mode="bicubic")
    return (soft + 0.1 * torch.randn(soft.shape, generator=generator)).clamp(-1, 1)


def built():
    """As the networks are built, latents of six channels."""
    return networks.vae(side=32, channels=6, widths=(16, 32), groups=4)


def encoder(autoencoder):
    return lambda images: autoencoder.encode(images).latent_dist.mean


def decoder(autoencoder):
    return lambda latents: autoencoder.decode(latents).sample


def faults(function, one, other):
    """How far a map is from a linear one: at a third, at minus one, and of a sum, relative to what it gives."""
    rest = function(torch.zeros_like(one))
    first, second = function(one) - rest, function(other) - rest
    return [
        float((found - rest - expected).norm() / expected.norm())
        for found, expected in (
            (function(one / 3), first / 3),
            (function(-one), -first),
            (function(one + other), first + second),
        )
    ]


@pytest.mark.parametrize("size", [0.1, 1.0])
def test_encoder_and_decoder_are_linear(linear, images, size):
    """But for a constant: within one percent, for small pictures and for whole ones."""
    scaled = images[:8] * size
    latents = encoder(linear)(scaled)
    for function, given in ((encoder(linear), scaled), (decoder(linear), latents)):
        assert max(faults(function, *given.chunk(2))) < 0.01


def test_nothing_is_lost_on_the_way(linear, images):
    """The map is no trivial one: every latent channel and every color moves with the picture."""
    latents = encoder(linear)(images)
    assert float(latents.std(dim=(0, 2, 3)).min()) > 0.003
    decoded = decoder(linear)(latents)
    assert float(decoded.std(dim=(0, 2, 3)).min()) > 0.001
    # Latents in a linear map of rank 6 of what is seen: no two channels say the same.
    flat = latents.movedim(1, 0).flatten(1)
    assert int(torch.linalg.matrix_rank(torch.corrcoef(flat), rtol=1e-4)) == 6


def test_ordinary_first_weights_are_not_linear(images):
    """What diffusers draws bends by more than ten percent, so the measure can fail."""
    with networks.seeded(0):
        plain = ordinary()
    assert max(faults(encoder(plain), *images[:8].chunk(2))) > 0.1


def test_residual_branches_start_at_zero(linear):
    """Their last layers, all of them."""
    last = [module.conv2 for module in linear.modules() if type(module).__name__ == "ResnetBlock2D"]
    assert len(last) == 10
    assert not any(layer.weight.any() or layer.bias.any() for layer in last)


def test_all_weights_can_be_learnt(linear, images):
    """Gradients reach every layer but those behind a branch that is zero, and a step takes it off the line."""
    with networks.seeded(2):
        learner = built()
    optimizer = torch.optim.AdamW(learner.parameters(), lr=2e-3)
    for step in range(3):
        optimizer.zero_grad()
        reproduction.loss_of(learner, images[:16], torch.Generator().manual_seed(step)).backward()
        optimizer.step()
    learner.requires_grad_(False)
    assert max(faults(encoder(learner), *images[:8].chunk(2))) > 0.01


def test_other_sizes_become_linear_too(images):
    """Groups of four and of six channels."""
    with networks.seeded(1):
        one = ordinary((16, 24))
    linear_start.apply(one)
    images = images[:8]
    assert max(faults(encoder(one), *images.chunk(2))) < 0.02
    assert max(faults(decoder(one), *encoder(one)(images).chunk(2))) < 0.02


def ordinary(widths=(16, 32)):
    """An autoencoder with the weights that diffusers draws."""
    return AutoencoderKL(
        sample_size=32, latent_channels=6, block_out_channels=widths, layers_per_block=1, norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
        mid_block_add_attention=False,
    ).eval().requires_grad_(False)  # fmt: skip
