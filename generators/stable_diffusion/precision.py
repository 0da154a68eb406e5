"""Computing in half precision: the UNet and the decoder, and nothing that adds up over the steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import torch

Precision = Literal["fp32", "bf16", "fp16"]
"""What a pipeline computes in."""

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def autocast(device: torch.device, precision: Precision) -> torch.autocast:
    """Return a context in which products are of a precision and weights stay as they are; float32 does nothing."""
    return torch.autocast(device.type, _DTYPES[precision], enabled=precision != "fp32")


@contextmanager
def tf32(*, allowed: bool) -> Iterator[None]:
    """Let float32 products on a CUDA device be of TensorFloat-32, here alone."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high" if allowed else before)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def apply(pipeline: Any, precision: Precision) -> None:
    """Let a pipeline compute in a precision.

    The UNet is fed and read at it, while latents, guidance, sampler and text encoders stay in float32: their rounding
    would add up over the steps. The VAE follows, but SDXL's stays out of float16, where its activations overflow.

    Args:
        pipeline: A pipeline in float32; changed in place.
        precision: The precision.
    """
    dtype = _DTYPES[precision]
    if dtype is torch.float32:
        return
    pipeline.unet.to(dtype)
    pipeline.unet.register_forward_pre_hook(_lower, with_kwargs=True)
    pipeline.unet.register_forward_hook(_raise)
    is_large = getattr(pipeline, "text_encoder_2", None) is not None
    if not (is_large and dtype is torch.float16):
        pipeline.vae.to(dtype)


def _lower(unet: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Bring latents and embeddings to the UNet's precision; times are too large for it and stay."""
    sample, *others = arguments
    named = dict(named)
    named["encoder_hidden_states"] = named["encoder_hidden_states"].to(unet.dtype)
    if added := named.get("added_cond_kwargs"):
        named["added_cond_kwargs"] = {**added, "text_embeds": added["text_embeds"].to(unet.dtype)}
    return (sample.to(unet.dtype), *others), named


def _raise(_unet: Any, _arguments: tuple[Any, ...], output: Any) -> Any:
    """Bring what was predicted back to float32."""
    if isinstance(output, tuple):
        return tuple(part.float() for part in output)
    output.sample = output.sample.float()
    return output
