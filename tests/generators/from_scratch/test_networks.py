"""The networks as they are built, and weights from a seed."""

from __future__ import annotations

import pytest
import torch

from generators.from_scratch import networks
from generators.from_scratch.design import GROUPS, Design


def built(design):
    """The UNet of a design."""
    return networks.unet(
        side=design.latent_side, channels=design.latent_channels, widths=design.unet_widths,
        layers=design.unet_layers, heads=design.heads, text_width=64, attending=len(design.unet_widths) - 1,
    )  # fmt: skip


def test_the_default_design_is_small():
    """96 pixels to 24 x 24 x 8 and back; in half precision all of it is less than 16 MB."""
    design = Design()
    vae = networks.vae(
        side=design.side, channels=design.latent_channels, widths=design.vae_widths, groups=GROUPS
    )  # fmt: skip
    with torch.no_grad():
        latents = vae.encode(torch.zeros(1, 3, 96, 96)).latent_dist.mean
        assert latents.shape == (1, 8, 24, 24)
        assert vae.decode(latents).sample.shape == (1, 3, 96, 96)
    counts = [sum(weight.numel() for weight in network.parameters()) for network in (vae, built(design))]
    assert 1e6 < counts[0] < 2e6
    assert 5e6 < counts[1] < 7e6
    assert 2 * sum(counts) < 15.3e6


def test_a_unet_attends_to_texts_at_the_coarser_levels(design):
    """And what it says hangs on the latents, the time and the text."""
    unet = built(design).eval()
    attending = {name.split(".attentions")[0] for name, _ in unet.named_modules() if name.endswith("attn2")}
    assert attending == {"down_blocks.1", "mid_block", "up_blocks.0"}
    generator = torch.Generator().manual_seed(0)
    noisy, texts = (torch.randn(shape, generator=generator) for shape in ((2, 4, 8, 8), (2, 5, 64)))
    with torch.no_grad():
        first = unet(noisy, 10, texts).sample
        assert first.shape == noisy.shape
        for other in ((noisy * 2, 10, texts), (noisy, 900, texts), (noisy, 10, texts.flip(0))):
            assert float((unet(*other).sample - first).abs().max()) > 1e-4


def test_weights_are_the_seeds_and_the_global_state_stays():
    """Also where what is inside fails."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        before = torch.get_rng_state()
        found = []
        for seed in (7, 7, 8):
            with networks.seeded(seed):
                found.append(torch.nn.Linear(3, 3).weight.detach())
            torch.rand(1)
        torch.set_rng_state(before)
        with pytest.raises(KeyError), networks.seeded(9):
            raise KeyError
        assert torch.equal(before, torch.get_rng_state())
        with networks.seeded(7):
            torch.rand(5)
        assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])
