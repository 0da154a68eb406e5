"""Designs: taken from a generator's parameters, refused where no network can be made of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmark.errors import UserError
from generators.from_scratch import design as designs
from generators.from_scratch.design import AutoencoderDesign, Design
from generators.from_scratch.latent_diffusion import LatentDiffusion


def test_a_design_is_taken_from_among_the_parameters():
    """Lists of a file become tuples; an autoencoder's alone leaves the UNet's out."""
    given = LatentDiffusion(side=32, vae_widths=[16, 48], unet_widths=[8, 24], heads=8, steps=7)
    expected = Design(side=32, vae_widths=(16, 48), unet_widths=(8, 24), heads=8)
    assert designs.among(given, Design) == expected
    assert designs.among(given, AutoencoderDesign) == AutoencoderDesign(side=32, vae_widths=(16, 48))


@pytest.mark.parametrize(("side", "widths", "expected"), [(96, (32, 64, 96), 24), (96, (16, 32), 48), (64, (16,), 64)])
def test_each_level_after_the_first_halves_the_side(side, widths, expected):
    """Of images, to that of latents."""
    assert AutoencoderDesign(side=side, vae_widths=widths).latent_side == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vae_widths": (32,)}, r"vae_widths is \[32\]; expected two or more"),
        ({"vae_widths": (64, 32)}, r"vae_widths is \[64, 32\]; expected two or more, rising"),
        ({"vae_widths": (32, 32)}, "rising"),
        ({"vae_widths": (32, 40)}, "multiples of 16"),
        ({"unet_widths": (64,)}, "expected two levels or more"),
        ({"unet_widths": (64, 100)}, "expected multiples of 8 and of the 4 heads"),
        ({"unet_widths": (8, 24), "heads": 16}, "of the 16 heads"),
        ({"side": 100}, r"halve it 4 times. Expected a multiple of 16: 96\."),
    ],
)
def test_what_no_network_can_be_made_of_is_refused(changes, message):
    """In words, with what would do."""
    with pytest.raises(UserError, match=message):
        designs.require(replace(Design(), **changes))


def test_an_autoencoder_alone_is_judged_by_its_own_levels():
    """A side that only a UNet could not halve is good."""
    assert designs.require(AutoencoderDesign(side=100)) is None
    assert designs.require(Design()) is None
    with pytest.raises(UserError, match="halve it 2 times"):
        designs.require(AutoencoderDesign(side=98))
