"""The networks, untrained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel

from generators.from_scratch import linear_start


def vae(*, side: int, channels: int, widths: Sequence[int], groups: int) -> AutoencoderKL:
    """Return an untrained autoencoder; its weights come from torch's global generator.

    It starts as a linear map (`linear_start`), from which a small one learns far sooner than from ordinary weights.

    Args:
        side: Side of the images in pixels.
        channels: Channels of the latents.
        widths: Channels of the levels, the finest first, rising; each after the first halves the side.
        groups: Groups that layers are normalized in.
    """
    built = AutoencoderKL(
        sample_size=side,
        latent_channels=channels,
        block_out_channels=tuple(widths),
        down_block_types=("DownEncoderBlock2D",) * len(widths),
        up_block_types=("UpDecoderBlock2D",) * len(widths),
        layers_per_block=1,
        norm_num_groups=groups,
        mid_block_add_attention=False,
    )
    linear_start.apply(built)
    return built


def unet(
    *, side: int, channels: int, widths: Sequence[int], layers: int, heads: int, text_width: int, attending: int
) -> UNet2DConditionModel:
    """Return an untrained UNet; its weights come from torch's global generator.

    Prompts are attended to at the coarser levels alone, where there are few places: that saves half the time of a step
    and more. So that they reach the finer levels too, their pooled state joins the time embedding, which scales and
    shifts every block.

    Args:
        side: Side of the latents.
        channels: Their channels.
        widths: Channels of the levels, the finest first.
        layers: Residual blocks a level.
        heads: Heads of the attention.
        text_width: Size of the text encoder's state at each token; a multiple of 4.
        attending: How many levels attend to the prompt, counted from the coarsest.
    """
    kinds = [level >= len(widths) - attending for level in range(len(widths))]
    return UNet2DConditionModel(
        sample_size=side,
        in_channels=channels,
        out_channels=channels,
        block_out_channels=tuple(widths),
        down_block_types=tuple("CrossAttnDownBlock2D" if attends else "DownBlock2D" for attends in kinds),
        up_block_types=tuple("CrossAttnUpBlock2D" if attends else "UpBlock2D" for attends in reversed(kinds)),
        layers_per_block=layers,
        norm_num_groups=8,
        cross_attention_dim=text_width,
        addition_embed_type="text",
        addition_embed_type_num_heads=4,
        resnet_time_scale_shift="scale_shift",
        # diffusers takes this for the number of heads, whatever its name.
        attention_head_dim=heads,
    )


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Let layers built inside draw their first weights from `seed`; the global generator is put back after."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
