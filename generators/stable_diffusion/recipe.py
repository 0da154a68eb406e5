"""How a UNet is fine-tuned: every choice, with the study's value as default where the study fixes one."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from benchmark.errors import UserError

Precision = Literal["fp32", "bf16", "fp16"]
"""What the UNet computes in; its weights and the optimizer's moments stay float32."""

_Share = Annotated[float, Field(ge=0, le=1)]
_Whole = Annotated[int, Field(ge=0)]
_Positive = Annotated[int, Field(ge=1)]
_NotNegative = Annotated[float, Field(ge=0)]


@dataclass
class Recipe:
    """How a UNet is fine-tuned. VAE and text encoder stay frozen."""

    steps: _Positive = 1000
    """Optimizer steps."""
    batch: _Positive = 32
    """Images a step, over all its parts and processes."""
    learning_rate: float = 1e-5
    """Greatest learning rate."""
    caption_dropout: _Share = 0.1
    """Share of images whose prompt is emptied, which trains the null prompt that guidance stands on."""
    flip: bool = True
    """Whether half of the images are mirrored."""
    ema: _Share = 0.0
    """Decay of the running mean of the weights that is kept; 0 keeps the last weights."""
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    """Course of the learning rate after the warm-up, as diffusers names it; the latter two end at 0."""
    warmup_steps: _Whole = 0
    """Steps in which it rises from 0."""
    optimizer: Literal["adamw", "adamw8bit"] = "adamw"
    """PyTorch's AdamW, or that of bitsandbytes with moments of 8 bits, which needs a CUDA device."""
    beta1: _Share = 0.9
    """Decay of the gradient's mean."""
    beta2: _Share = 0.999
    """Decay of the gradient's square."""
    epsilon: _NotNegative = 1e-8
    """Added to the root of the square."""
    weight_decay: _NotNegative = 0.01
    """Decoupled, times the learning rate."""
    clip_norm: _NotNegative = 1.0
    """Greatest norm of the gradient; 0 clips nothing."""
    min_snr: _NotNegative = 0.0
    """Gamma of the min-SNR weighting (Hang et al. 2023, who take 5); 0 weighs all steps of the noise alike."""
    resize: Literal["lanczos", "bicubic", "bilinear", "box"] = "lanczos"
    """Pillow's filter that brings images to the model's size."""
    precision: Precision = "fp32"
    """What the UNet computes in."""
    tf32: bool = False
    """Whether float32 products on a CUDA device may be of TensorFloat-32."""
    at_once: _Whole | Literal["auto"] = 0
    """Images that a process works on at once; a step's gradient is the sum of its parts. 0 is all of them; ``auto``
    finds how many fit and keeps to that."""
    gradient_checkpointing: bool = False
    """Whether activations are computed again rather than kept."""
    channels_last: bool = False
    """Whether weights lie in memory channels last, as latents do."""
    latents: Literal["float32", "float16"] = "float32"
    """How moments of latents are kept; half as large, a mean is off by up to 2**-11 of itself."""
    processes: _Positive = 1
    """Processes that share a step, each on a CUDA device of its own where there is one."""
    lora_rank: _Whole = 0
    """Rank of the low-rank change that is learnt (Hu et al. 2022) in place of the weights; 0 learns the weights."""
    lora_alpha: _Whole = 0
    """The change counts alpha / rank; 0 takes the rank."""
    lora_targets: tuple[str, ...] = ("to_q", "to_k", "to_v", "to_out.0")
    """Ends of the names of the UNet's layers that are changed."""


def require(recipe: Recipe, device: str) -> None:
    """Refuse what cannot be done here, before anything is computed.

    Raises:
        UserError: If a package or a device is missing, or a batch cannot be shared out evenly.
    """
    if recipe.optimizer == "adamw8bit":
        _installed("bitsandbytes", "8bit", "optimizer 'adamw8bit'")
        if device != "cuda":
            raise UserError("The optimizer 'adamw8bit' needs a CUDA device, and this runs on the CPU. Take 'adamw'.")
    if recipe.lora_rank:
        _installed("peft", "lora", "'lora_rank'")
    if recipe.batch % recipe.processes:
        raise UserError(
            f"A batch of {recipe.batch} cannot be shared evenly among {recipe.processes} processes. Make 'batch' a "
            "multiple of 'processes'."
        )
    if device == "cuda" and recipe.processes > 1:
        _enough_devices(recipe.processes)


def _installed(package: str, extra: str, what: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise UserError(f"The {what} needs the package {package}. Install it: pip install 'histobench[{extra}]'.")


def _enough_devices(processes: int) -> None:
    import torch

    if (found := torch.cuda.device_count()) < processes:
        raise UserError(f"'processes: {processes}' needs as many CUDA devices; {found} can be seen. Take {found}.")
