"""The UNet: built small; trained by the code that fine-tunes any Stable Diffusion."""

from __future__ import annotations

from diffusers import UNet2DConditionModel

from generators.from_scratch import networks
from scripts.tiny_sd.settings import LATENT_CHANNELS, LATENT_SIZE, TEXT_WIDTH

_WIDTHS = (32, 48, 96)
_HEADS = 2


def build_unet() -> UNet2DConditionModel:
    """Return an untrained UNet of three levels; its weights come from torch's global generator.

    Texts are attended to at the lowest level alone.
    """
    return networks.unet(
        side=LATENT_SIZE, channels=LATENT_CHANNELS, widths=_WIDTHS, layers=1, heads=_HEADS, text_width=TEXT_WIDTH,
        attending=1,
    )  # fmt: skip
