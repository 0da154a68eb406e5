"""The UNet as it is built."""

from __future__ import annotations

import torch

from generators.from_scratch import networks
from scripts.tiny_sd import unet
from scripts.tiny_sd.settings import LATENT_CHANNELS, LATENT_SIZE, TEXT_LENGTH, TEXT_WIDTH


def test_it_reads_latents_and_texts_of_the_sizes_that_ship(parts):
    """And gives latents of the same size that hang on the latents, the time and the text."""
    generator = torch.Generator().manual_seed(0)
    noisy = torch.randn(2, LATENT_CHANNELS, LATENT_SIZE, LATENT_SIZE, generator=generator)
    texts = torch.randn(2, TEXT_LENGTH, TEXT_WIDTH, generator=generator)

    def said(noisy, time, texts):
        with torch.no_grad():
            return parts["unet"](noisy, time, texts).sample

    first = said(noisy, 10, texts)
    assert first.shape == noisy.shape
    for other in (said(noisy * 2, 10, texts), said(noisy, 900, texts), said(noisy, 10, texts.flip(0))):
        assert float((first - other).abs().max()) > 1e-4


def test_its_weights_are_of_the_seed_it_is_built_under():
    """No other source of chance."""
    found = []
    for seed in (1, 1, 2):
        with networks.seeded(seed):
            found.append(unet.build_unet().conv_in.weight.detach())
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_it_is_small_and_attends_to_texts_at_the_lowest_level_alone(parts):
    """Under 2.4 million weights, which in half precision leaves room below 6 MB for the rest."""
    assert sum(weight.numel() for weight in parts["unet"].parameters()) < 2.4e6
    attending = {name.split(".attentions")[0] for name, _ in parts["unet"].named_modules() if name.endswith("attn2")}
    assert attending == {"down_blocks.2", "mid_block", "up_blocks.0"}
