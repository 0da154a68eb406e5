"""Loading a Stable Diffusion pipeline from a folder, and prompts to embeddings."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from torch import Tensor

from benchmark.errors import UserError, nearest

Pipeline: TypeAlias = Any
"""A `StableDiffusionPipeline`; diffusers sets its parts at run time, where a type checker cannot see them."""

SCHEDULERS: dict[str, Any] = {
    "ddim": DDIMScheduler,
    "dpm-solver": DPMSolverMultistepScheduler,
    "euler": EulerDiscreteScheduler,
    "pndm": PNDMScheduler,
}
"""Deterministic samplers by name; ``saved`` is the pipeline's own."""

_PROMPTS = 256
"""Prompts encoded at once."""


def load(folder: Path, *, device: str, unet: Path | None = None, scheduler: str = "saved") -> Pipeline:
    """Return a pipeline in float32, without a safety checker, ready to sample.

    Args:
        folder: A folder that `StableDiffusionPipeline.from_pretrained` loads; nothing is fetched.
        device: ``cpu`` or ``cuda``.
        unet: Folder of a fine-tuned UNet to put in place of the pipeline's own.
        scheduler: A name of `SCHEDULERS`, or ``saved``.

    Raises:
        UserError: If the folder holds no such pipeline or the scheduler is unknown.
    """
    try:
        pipeline: Pipeline = StableDiffusionPipeline.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True, safety_checker=None,
            requires_safety_checker=False, use_safetensors=True,
        )  # fmt: skip
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{folder} holds no Stable Diffusion pipeline that diffusers can load: {error}") from None
    if unet is not None:
        pipeline.unet = UNet2DConditionModel.from_pretrained(unet, local_files_only=True, use_safetensors=True)
    if scheduler != "saved":
        if scheduler not in SCHEDULERS:
            raise UserError(f"There is no scheduler '{scheduler}'. {nearest(scheduler, [*SCHEDULERS, 'saved'])}")
        pipeline.scheduler = SCHEDULERS[scheduler].from_config(pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    for part in (pipeline.unet, pipeline.vae, pipeline.text_encoder):
        part.requires_grad_(False).eval()
    return pipeline.to(device)


def resolution(pipeline: Pipeline) -> int:
    """Return the side in pixels that the pipeline makes."""
    return int(pipeline.unet.config.sample_size) * int(pipeline.vae_scale_factor)


def embed_prompts(pipeline: Pipeline, prompts: list[str]) -> Tensor:
    """Return the text encoder's output for prompts, shape (N, tokens, width).

    Raises:
        UserError: If a prompt is longer than the text encoder reads, which would cut its last words off unseen.
    """
    tokenizer = pipeline.tokenizer
    for prompt in prompts:
        length = len(tokenizer(prompt).input_ids)
        if length > tokenizer.model_max_length:
            raise UserError(f"The prompt '{prompt}' has {length} tokens; the model reads {tokenizer.model_max_length}.")
    with torch.inference_mode():
        parts = [
            pipeline.encode_prompt(
                prompts[start : start + _PROMPTS],
                device=pipeline.device,
                num_images_per_prompt=1,
                do_classifier_free_guidance=False,
            )[0]
            for start in range(0, len(prompts), _PROMPTS)
        ]
    return torch.cat(parts).clone()
