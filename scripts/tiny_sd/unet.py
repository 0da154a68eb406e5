"""The UNet: built small; trained by the code that fine-tunes any Stable Diffusion."""

from __future__ import annotations

from diffusers import UNet2DConditionModel

from scripts.tiny_sd.settings import LATENT_CHANNELS, LATENT_SIZE, TEXT_WIDTH

_WIDTHS = (32, 48, 96)
_HEADS = 2


def build_unet() -> UNet2DConditionModel:
    """Return an untrained UNet of three levels; its weights come from torch's global generator.

    Texts are attended to at the lowest level alone, where there are few places: that halves the time of a step. So that
    they reach the upper levels too, their pooled state joins the time embedding, which scales and shifts every block.
    """
    return UNet2DConditionModel(
        sample_size=LATENT_SIZE,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        block_out_channels=_WIDTHS,
        down_block_types=("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        norm_num_groups=8,
        cross_attention_dim=TEXT_WIDTH,
        addition_embed_type="text",
        addition_embed_type_num_heads=4,
        resnet_time_scale_shift="scale_shift",
        # diffusers takes this for the number of heads, whatever its name.
        attention_head_dim=_HEADS,
    )
