"""LoRA through peft: a low-rank change of a UNet's attention, learnt, saved and put in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
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
    from diffusers.loaders.lora_base import LORA_ADAPTER_METADATA_KEY, LORA_WEIGHT_NAME_SAFE
    from diffusers.utils.state_dict_utils import convert_state_dict_to_diffusers
    from peft.utils import get_peft_model_state_dict

    layers = get_peft_model_state_dict(pipeline.unet, state_dict=weights, adapter_name=_ADAPTER)
    packed = pipeline.pack_weights(convert_state_dict_to_diffusers(layers), "unet")
    # The whole of peft's own settings names the base by its path. With a second entry beside this one, as diffusers
    # writes it, the file's bytes would hang on the order in which a hash table gives the two.
    about = {
        "unet.lora_alpha": _alpha(recipe), "unet.r": recipe.lora_rank, "unet.target_modules": list(recipe.lora_targets),
    }  # fmt: skip
    folder.mkdir()
    save_file(
        {name: tensor.contiguous() for name, tensor in packed.items()},
        folder / LORA_WEIGHT_NAME_SAFE,
        {LORA_ADAPTER_METADATA_KEY: json.dumps(about)},
    )


def _alpha(recipe: Recipe) -> int:
    return recipe.lora_alpha or recipe.lora_rank
