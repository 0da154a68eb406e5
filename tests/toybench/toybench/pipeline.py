"""A Stable Diffusion pipeline of real diffusers classes at toy size, saved by diffusers itself."""

from __future__ import annotations

import json
import string
from pathlib import Path

SIDE = 16
"""Side of its images in pixels; its latents are 4 x 8 x 8."""

_TOKENS = [*string.ascii_lowercase, *string.digits, ",", "-"]


def save(folder: Path) -> Path:
    """Write a pipeline with random weights, the same each time; return its folder."""
    import torch
    from diffusers import StableDiffusionPipeline
    from transformers import CLIPTextModel

    tokenizer = _tokenizer(folder)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        vae, unet = _vae(), _unet(cross_attention_dim=16)
        text = CLIPTextModel(_text_config(tokenizer))
    pipeline = StableDiffusionPipeline(
        vae=vae, text_encoder=text, tokenizer=tokenizer, unet=unet, scheduler=_scheduler(),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.save_pretrained(folder / "pipeline", safe_serialization=True)
    return folder / "pipeline"


def save_large(folder: Path) -> Path:
    """Write a pipeline of SDXL's class with random weights: two text encoders, pooled embeddings, time ids."""
    import torch
    from diffusers import StableDiffusionXLPipeline
    from transformers import CLIPTextModel, CLIPTextModelWithProjection

    tokenizer = _tokenizer(folder)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        vae = _vae()
        unet = _unet(
            cross_attention_dim=32, addition_embed_type="text_time", addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=6 * 8 + 16,
        )  # fmt: skip
        encoders = [kind(_text_config(tokenizer)) for kind in (CLIPTextModel, CLIPTextModelWithProjection)]
    pipeline = StableDiffusionXLPipeline(
        vae=vae, text_encoder=encoders[0], text_encoder_2=encoders[1], tokenizer=tokenizer, tokenizer_2=tokenizer,
        unet=unet, scheduler=_scheduler(),
    )  # fmt: skip
    pipeline.save_pretrained(folder / "pipeline", safe_serialization=True)
    return folder / "pipeline"


def _tokenizer(folder: Path):
    from transformers import CLIPTokenizer

    tokens = [*_TOKENS, *(f"{token}</w>" for token in _TOKENS), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({token: number for number, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=96)


def _vae():
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=(8, 8), norm_num_groups=4, latent_channels=4, sample_size=SIDE,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
    )  # fmt: skip


def _unet(**more):
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=SIDE // 2, in_channels=4, out_channels=4, layers_per_block=1, block_out_channels=(8, 16),
        norm_num_groups=4, attention_head_dim=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        **more,
    )  # fmt: skip


def _text_config(tokenizer):
    from transformers import CLIPTextConfig

    vocabulary = tokenizer.get_vocab()
    return CLIPTextConfig(
        vocab_size=len(vocabulary), hidden_size=16, intermediate_size=32, num_hidden_layers=1, projection_dim=16,
        num_attention_heads=2, max_position_embeddings=96,
        bos_token_id=vocabulary["<|startoftext|>"], eos_token_id=vocabulary["<|endoftext|>"],
    )  # fmt: skip


def _scheduler():
    from diffusers import DDIMScheduler

    return DDIMScheduler(clip_sample=False, steps_offset=1)
