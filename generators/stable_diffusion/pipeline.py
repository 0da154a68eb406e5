"""Loading a Stable Diffusion pipeline from a folder, and prompts to embeddings."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, TypeAlias

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from diffusers.utils import logging as diffusers_logging
from torch import Tensor
from transformers import CLIPTextModel
from transformers.utils import logging as transformers_logging

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

_PARTS: dict[str, Any] = {"unet": UNet2DConditionModel, "vae": AutoencoderKL, "text_encoder": CLIPTextModel}
"""The parts that have weights."""

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
    _hush()
    if scheduler not in ("saved", *SCHEDULERS):
        raise UserError(f"There is no scheduler '{scheduler}'. {nearest(scheduler, [*SCHEDULERS, 'saved'])}")
    pipeline = _read(folder, _whole(UNet2DConditionModel, unet) if unet is not None else None)
    if scheduler != "saved":
        pipeline.scheduler = SCHEDULERS[scheduler].from_config(pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    for part in (pipeline.unet, pipeline.vae, pipeline.text_encoder):
        part.requires_grad_(False).eval()
    return pipeline.to(device)


def _hush() -> None:
    """Keep the libraries' own words off the terminal: `bench` shows its own progress, or is quiet."""
    for library in (diffusers_logging, transformers_logging):
        library.disable_progress_bar()
        library.set_verbosity(logging.CRITICAL)


def _read(folder: Path, unet: UNet2DConditionModel | None) -> Pipeline:
    """Return the pipeline of a folder, with another UNet where one is given.

    Raises:
        UserError: If the folder holds no such pipeline.
    """
    if not (folder / "model_index.json").is_file():
        raise UserError(
            f"{folder} holds no Stable Diffusion pipeline: there is no model_index.json. Expected a folder that "
            "StableDiffusionPipeline.from_pretrained of diffusers loads."
        )
    try:
        given = {} if unet is None else {"unet": unet}
        parts = {name: _whole(kind, folder / name) for name, kind in _PARTS.items() if name not in given} | given
        pipeline: Pipeline = StableDiffusionPipeline.from_pretrained(
            folder, **parts, local_files_only=True, safety_checker=None, requires_safety_checker=False
        )
        _agree(pipeline)
    except Exception as error:  # The libraries raise any kind.
        raise UserError(f"{folder} holds no Stable Diffusion pipeline that diffusers can load: {error}") from None
    return pipeline


def _whole(kind: Any, folder: Path) -> Any:
    """Return a part of a pipeline; where weights are missing, the libraries would make some up.

    Raises:
        ValueError: If some are, or if there is no such folder.
    """
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder.name}")
    part, report = kind.from_pretrained(
        folder, dtype=torch.float32, local_files_only=True, use_safetensors=True, output_loading_info=True
    )
    if missing := sorted(report["missing_keys"]):
        raise ValueError(f"{folder} lacks {len(missing)} of its weights, {missing[0]} among them")
    return part


def _agree(pipeline: Pipeline) -> None:
    """Let the tokenizer give what the text encoder reads; without its files, it would know no word and not say so.

    Raises:
        ValueError: If it is another vocabulary.
    """
    tokenizer, config = pipeline.tokenizer, pipeline.text_encoder.config
    if len(tokenizer) != config.vocab_size:
        raise ValueError(f"its tokenizer knows {len(tokenizer)} tokens, its text encoder {config.vocab_size}")
    tokenizer.model_max_length = min(tokenizer.model_max_length, config.max_position_embeddings)


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
    return torch.cat(parts)
