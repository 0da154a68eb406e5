"""What is put on top of a pipeline's own weights: a checkpoint of one file, a LoRA."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from benchmark.errors import UserError


class Lora(NamedTuple):
    """Low-rank changes of weights, and how much of them."""

    place: Path
    """A safetensors file, or a folder that holds one."""
    scale: float = 1.0


def one_file(place: Path, *, what: str) -> Path:
    """Return the safetensors file that a folder holds, or the file itself.

    Raises:
        UserError: If there is none, or more than one.
    """
    if place.is_file() and place.suffix == ".safetensors":
        return place
    found = sorted(place.glob("*.safetensors")) if place.is_dir() else []
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise UserError(
            f"{what}: expected one .safetensors file in {place}, found {names}. Pickles (.ckpt, .bin, .pt) are not "
            "loaded: convert them first."
        )
    return found[0]


def put_lora(pipeline: Any, lora: Lora) -> None:
    """Add a LoRA to the weights of a pipeline, once and for all, so that sampling costs nothing more.

    Args:
        pipeline: A pipeline in float32; changed in place.
        lora: The LoRA, for its UNet, its text encoders, or both.

    Raises:
        UserError: If peft is not installed, or the file changes nothing of this pipeline.
    """
    import importlib.util

    if importlib.util.find_spec("peft") is None:
        raise UserError("A LoRA needs peft, which is not installed: pip install 'histobench[lora]'.")
    file = one_file(lora.place, what="LoRA")
    try:
        pipeline.load_lora_weights(
            file.parent, weight_name=file.name, adapter_name="lora", local_files_only=True, use_safetensors=True
        )
    except Exception as error:  # The libraries raise any kind.
        # Of a wrong shape there is a line for every layer.
        raise UserError(f"{file} is no LoRA for this pipeline: {' '.join(str(error).split())[:300]}") from None
    if not pipeline.get_list_adapters():
        raise UserError(f"{file} is no LoRA for this pipeline: none of its weights belongs to a part of it.")
    pipeline.fuse_lora(components=list(pipeline.get_list_adapters()), lora_scale=lora.scale, safe_fusing=True)
    pipeline.unload_lora_weights()
