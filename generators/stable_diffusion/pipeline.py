"""Loading a Stable Diffusion pipeline from a folder."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, StableDiffusionXLPipeline, UNet2DConditionModel
from diffusers.utils import logging as diffusers_logging
from transformers import CLIPTextModel, CLIPTextModelWithProjection
from transformers.utils import logging as transformers_logging

from benchmark.errors import UserError
from generators.stable_diffusion import additions, precision, schedulers
from generators.stable_diffusion.additions import Lora
from generators.stable_diffusion.precision import Precision

Pipeline: TypeAlias = Any
"""A pipeline of `CLASSES`; diffusers sets its parts at run time, where a type checker cannot see them."""

_PARTS: dict[str, Any] = {"unet": UNet2DConditionModel, "vae": AutoencoderKL, "text_encoder": CLIPTextModel}
"""The parts that have weights."""

CLASSES: dict[str, tuple[Any, dict[str, Any]]] = {
    "StableDiffusionPipeline": (StableDiffusionPipeline, _PARTS),
    "StableDiffusionXLPipeline": (
        StableDiffusionXLPipeline,
        {**_PARTS, "text_encoder_2": CLIPTextModelWithProjection},
    ),
}
"""By the name that model_index.json gives: the pipeline of Stable Diffusion 1 and 2, and that of SDXL."""

_LEFT_OUT = ("safety_checker", "feature_extractor", "image_encoder")
"""Parts that make no image: they judge, or read an image given."""


def load(
    folder: Path,
    *,
    device: str,
    unet: Path | None = None,
    checkpoint: Path | None = None,
    lora: Lora | None = None,
    scheduler: str = "saved",
    dtype: Precision = "fp32",
) -> Pipeline:
    """Return a pipeline without a safety checker, ready to sample.

    Args:
        folder: A folder that diffusers saved; nothing is fetched. Under a checkpoint of one file, its configuration and
            tokenizer are enough.
        device: ``cpu`` or ``cuda``.
        unet: Folder of a fine-tuned UNet to put in place of the pipeline's own.
        checkpoint: File of weights in the original layout, to put in place of all of the pipeline's own.
        lora: A LoRA to put on top.
        scheduler: A name of `schedulers.SCHEDULERS`, or ``saved``.
        dtype: What the UNet and the VAE compute in.

    Raises:
        UserError: If the folder holds no such pipeline, something put on top does not fit it, or the scheduler is
            unknown.
    """
    hush()
    schedulers.check(scheduler)
    given = {} if unet is None else {"unet": _whole(UNet2DConditionModel, unet)}
    pipeline = _read(folder, given, checkpoint)
    if lora is not None:
        additions.put_lora(pipeline, lora)
    pipeline.scheduler = schedulers.named(scheduler, pipeline.scheduler)
    pipeline.set_progress_bar_config(disable=True)
    for part in _weighty(pipeline):
        part.requires_grad_(False).eval()
    pipeline.to(device)
    precision.apply(pipeline, dtype)
    if device != "cpu":
        for part in (pipeline.unet, pipeline.vae):
            part.to(memory_format=torch.channels_last)
    return pipeline


def _weighty(pipeline: Pipeline) -> list[Any]:
    """Return the parts that have weights."""
    _, parts = CLASSES[type(pipeline).__name__]
    return [getattr(pipeline, name) for name in parts]


def hush() -> None:
    """Keep the libraries' own words off the terminal: `bench` shows its own progress, or is quiet."""
    for library in (diffusers_logging, transformers_logging):
        library.disable_progress_bar()
        library.set_verbosity(logging.CRITICAL)


def _read(folder: Path, given: Mapping[str, Any], checkpoint: Path | None) -> Pipeline:
    """Return the pipeline of a folder, with other parts where they are given.

    Raises:
        UserError: If the folder holds no such pipeline.
    """
    kind, parts = _class_of(folder)
    try:
        left_out = {name: None for name in _LEFT_OUT if name in _taken_by(kind)}
        if kind is StableDiffusionPipeline:
            left_out["requires_safety_checker"] = False  # type: ignore[assignment]
        if checkpoint is not None:
            pipeline = _from_file(kind, folder, checkpoint, {**given, **left_out})
        else:
            own = {name: _whole(part, folder / name) for name, part in parts.items() if name not in given}
            pipeline = kind.from_pretrained(folder, **own, **given, **left_out, local_files_only=True)
        _agree(pipeline)
    except UserError:
        raise
    except Exception as error:  # The libraries raise any kind.
        raise UserError(f"{folder} holds no Stable Diffusion pipeline that diffusers can load: {error}") from None
    return pipeline


def _class_of(folder: Path) -> tuple[Any, dict[str, Any]]:
    """Return the class of a folder's pipeline and those of its parts that have weights.

    Raises:
        UserError: If there is none, or it is another, or it brings code of its own.
    """
    try:
        index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(
            f"{folder} holds no Stable Diffusion pipeline: there is no model_index.json. Expected a folder that "
            "StableDiffusionPipeline.from_pretrained of diffusers loads."
        ) from None
    except (OSError, ValueError) as error:
        raise UserError(
            f"{folder} holds no Stable Diffusion pipeline that diffusers can load: model_index.json is not a valid "
            f"JSON file: {error}"
        ) from None
    name = index.get("_class_name") if isinstance(index, dict) else None
    strange = [part for part, found in index.items() if _brings_code(found)] if isinstance(index, dict) else []
    if isinstance(name, str) and name in CLASSES and not strange:
        return CLASSES[name]
    if isinstance(name, list) or strange:
        raise UserError(
            f"{folder}: model_index.json names classes of its own ({', '.join(strange) or name}). Code that comes with "
            "weights is not run."
        )
    raise UserError(f"{folder}: model_index.json names the pipeline {name!r}. Expected {' or '.join(CLASSES)}.")


def _brings_code(found: object) -> bool:
    """Tell whether a part's class is in neither of the libraries that are installed for it."""
    return (
        isinstance(found, list)
        and bool(found)
        and found[0] not in (None, "diffusers", "transformers", "stable_diffusion")
    )


def _taken_by(kind: Any) -> set[str]:
    import inspect

    return set(inspect.signature(kind.__init__).parameters)


def _from_file(kind: Any, folder: Path, checkpoint: Path, given: Mapping[str, Any]) -> Pipeline:
    """Return a pipeline whose weights are in one file, its configuration and its tokenizer in a folder."""
    file = additions.one_file(checkpoint, what="Checkpoint")
    wrong = f"{file} is no checkpoint of the pipeline whose configuration is in {folder}"
    try:
        pipeline = kind.from_single_file(
            str(file), config=str(folder), local_files_only=True, dtype=torch.float32, **given
        )
    except NotImplementedError:  # What the file lacks stands on torch's "meta" device, and has no values to copy.
        raise UserError(f"{wrong}: it lacks some of its weights.") from None
    except Exception as error:  # The libraries raise any kind.
        raise UserError(f"{wrong}: {error}") from None
    if any(tensor.is_meta for part in _weighty(pipeline) for tensor in part.parameters()):
        raise UserError(f"{wrong}: it lacks some of its weights.")
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
    for number in ("", "_2") if isinstance(pipeline, StableDiffusionXLPipeline) else ("",):
        tokenizer, encoder = (getattr(pipeline, f"{part}{number}") for part in ("tokenizer", "text_encoder"))
        config = encoder.config
        if len(tokenizer) != config.vocab_size:
            raise ValueError(f"its tokenizer knows {len(tokenizer)} tokens, its text encoder {config.vocab_size}")
        tokenizer.model_max_length = min(tokenizer.model_max_length, config.max_position_embeddings)


def resolution(pipeline: Pipeline) -> int:
    """Return the side in pixels that the pipeline makes."""
    return int(pipeline.unet.config.sample_size) * int(pipeline.vae_scale_factor)
