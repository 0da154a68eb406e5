"""LoRA through peft: a low-rank change of a UNet's attention, learnt, saved and put in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmark import seeds
from generators.stable_diffusion.recipe import Recipe

FOLDER = "lora"
"""Where a fit leaves it, below ``context.folder``."""

_ADAPTER = "default"


def add(unet: Any, recipe: Recipe, seed: int) -> None:
    """Freeze a UNet and give it a low-rank change that changes nothing yet; the seed decides where it starts."""
    from peft import LoraConfig

    config = LoraConfig(
        r=recipe.lora_rank, lora_alpha=_alpha(recipe), target_modules=list(recipe.lora_targets),
        init_lora_weights="gaussian",
    )  # fmt: skip
    unet.requires_grad_(False)
    # peft draws from torch's global generator.
    with torch.random.fork_rng():
        torch.manual_seed(seeds.derive(seed, "lora"))
        unet.add_adapter(config, adapter_name=_ADAPTER)


def save(pipeline: Any, weights: dict[str, Tensor], recipe: Recipe, folder: Path) -> None:
    """Write the change as `load_lora_weights` of diffusers reads it, with its alpha.

    Args:
        pipeline: A pipeline whose UNet has the change.
        weights: Its weights, by their names in the UNet.
        recipe: Rank, alpha and targets.
        folder: Where to.
    """
    from diffusers.utils.state_dict_utils import convert_state_dict_to_diffusers
    from peft.utils import get_peft_model_state_dict

    layers = get_peft_model_state_dict(pipeline.unet, state_dict=weights, adapter_name=_ADAPTER)
    # The whole of peft's own settings names the base by its path, and sets in an order of their own.
    about = {"r": recipe.lora_rank, "lora_alpha": _alpha(recipe), "target_modules": list(recipe.lora_targets)}
    pipeline.save_lora_weights(
        folder, unet_lora_layers=convert_state_dict_to_diffusers(layers), unet_lora_adapter_metadata=about
    )


def fuse(pipeline: Any, folder: Path) -> None:
    """Add the change that lies in a folder to the weights of a pipeline."""
    pipeline.load_lora_weights(folder, local_files_only=True)
    pipeline.fuse_lora()
    pipeline.unload_lora_weights()


def _alpha(recipe: Recipe) -> int:
    return recipe.lora_alpha or recipe.lora_rank
