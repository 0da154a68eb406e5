"""The pipeline folder: parts put together by diffusers, saved in half precision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from transformers import CLIPTextModel, CLIPTokenizer


def build_scheduler() -> DDIMScheduler:
    """Return the noise scheduler: Stable Diffusion's betas, and velocity as what the UNet predicts.

    Velocity (Salimans and Ho 2022, arXiv:2202.00512) is what Stable Diffusion 2.1 predicts; a small network learns
    the coarse shape of a picture sooner with it, as its target does not fade at high noise. Steps are counted from the
    noisiest one ("trailing"): with few steps the other way starts at a level where pictures are not all noise yet,
    which takes the color of every picture towards gray (Lin et al. 2024, arXiv:2305.08891, section 3.3).
    """
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        timestep_spacing="trailing",
    )


def save(
    folder: Path,
    *,
    vae: Any,
    text_encoder: CLIPTextModel,
    tokenizer: CLIPTokenizer,
    unet: Any,
    dtype: torch.dtype,
) -> None:
    """Save the parts as a folder that `StableDiffusionPipeline.from_pretrained` loads, as safetensors alone.

    Args:
        folder: Made if it is not there.
        vae: An `AutoencoderKL`.
        text_encoder: The text encoder.
        tokenizer: Its tokenizer.
        unet: A `UNet2DConditionModel`.
        dtype: Of the saved weights; the parts themselves are changed to it.
    """
    pipeline: Any = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=build_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    for part in (vae, unet):
        # Where it was made is no part of it.
        part.register_to_config(_name_or_path="")
    pipeline.to(dtype=dtype)
    pipeline.save_pretrained(folder, safe_serialization=True)
