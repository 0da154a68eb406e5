"""What a UNet is told of prompts: embeddings, and for the larger models pooled ones and sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from benchmark.errors import UserError

_PROMPTS = 256
"""Prompts encoded at once."""


@dataclass(frozen=True)
class Conditioning:
    """What a UNet is told of N prompts."""

    embeddings: Tensor
    """Text encoder's output, shape (N, tokens, width); of two text encoders side by side."""
    pooled: Tensor | None = None
    """The second text encoder's summary of each prompt, shape (N, width); None where there is no second one."""
    sizes: Tensor | None = None
    """The time ids of SDXL: original size, crop and target size, shape (N, 6); None where a UNet takes none."""

    def __len__(self) -> int:
        """Return the number of prompts."""
        return len(self.embeddings)

    def part(self, start: int, stop: int) -> Conditioning:
        """Return the prompts at positions `start` to `stop`."""
        pooled = None if self.pooled is None else self.pooled[start:stop]
        return Conditioning(self.embeddings[start:stop], pooled, None if self.sizes is None else self.sizes[start:stop])

    def to(self, device: Any) -> Conditioning:
        """Return the same on a device."""
        pooled = None if self.pooled is None else self.pooled.to(device)
        return Conditioning(self.embeddings.to(device), pooled, None if self.sizes is None else self.sizes.to(device))

    def tensors(self) -> dict[str, Tensor]:
        """Return the parts that are there, by name."""
        parts = {"embeddings": self.embeddings, "pooled": self.pooled, "sizes": self.sizes}
        return {name: part for name, part in parts.items() if part is not None}

    def take(self, rows: Tensor | Sequence[int]) -> Conditioning:
        """Return the prompts at some rows, each as often as it is named."""
        chosen = torch.as_tensor(rows, device=self.embeddings.device)
        return Conditioning(
            self.embeddings[chosen],
            None if self.pooled is None else self.pooled[chosen],
            None if self.sizes is None else self.sizes[chosen],
        )

    def for_unet(self) -> dict[str, Any]:
        """Return the keyword arguments of a UNet's call: ``unet(noisy, times, **conditioning.for_unet())``."""
        added = None if self.pooled is None else {"text_embeds": self.pooled, "time_ids": self.sizes}
        return {"encoder_hidden_states": self.embeddings, "added_cond_kwargs": added}

    def for_pipeline(self, null: Conditioning) -> dict[str, Any]:
        """Return the keyword arguments of a pipeline's call; sizes are its own affair.

        Args:
            null: What stands for no prompt, one row.
        """
        given = {"prompt_embeds": self.embeddings, "negative_prompt_embeds": null.embeddings.expand_as(self.embeddings)}
        if self.pooled is not None and null.pooled is not None:
            given["pooled_prompt_embeds"] = self.pooled
            given["negative_pooled_prompt_embeds"] = null.pooled.expand_as(self.pooled)
        return given


def join(parts: Sequence[Conditioning]) -> Conditioning:
    """Return the prompts of several in one, in order."""

    def joined(name: str) -> Tensor | None:
        tensors = [getattr(part, name) for part in parts]
        return None if tensors[0] is None else torch.cat(tensors)

    embeddings = joined("embeddings")
    assert embeddings is not None
    return Conditioning(embeddings, joined("pooled"), joined("sizes"))


def of(pipeline: Any, prompts: Sequence[str]) -> Conditioning:
    """Return what the pipeline's UNet is told of prompts, as the pipeline itself would tell it.

    Args:
        pipeline: A pipeline of `pipeline.load`.
        prompts: The prompts. The empty one is nothing at all to an SDXL pipeline that says so
            (`force_zeros_for_empty_prompt`).

    Raises:
        UserError: If a prompt is longer than a text encoder reads, which would cut its last words off unseen.
    """
    check_lengths(pipeline, prompts)
    with torch.no_grad():  # Training reads them too, and autograd takes no tensor of inference mode.
        found = join(
            [_encoded(pipeline, list(prompts[start : start + _PROMPTS])) for start in range(0, len(prompts), _PROMPTS)]
        )
        if found.pooled is None:
            return found
        if pipeline.config.force_zeros_for_empty_prompt:
            told = torch.tensor([prompt != "" for prompt in prompts], device=found.pooled.device)
            found = replace(
                found, embeddings=found.embeddings * told[:, None, None], pooled=found.pooled * told[:, None]
            )
        return replace(found, sizes=_sizes(pipeline, found.embeddings))


def check_lengths(pipeline: Any, prompts: Sequence[str]) -> None:
    """Refuse prompts that a text encoder would cut off.

    Raises:
        UserError: If one is longer than it reads.
    """
    for tokenizer in filter(None, (pipeline.tokenizer, getattr(pipeline, "tokenizer_2", None))):
        for prompt in prompts:
            length = len(tokenizer(prompt).input_ids)
            if length > tokenizer.model_max_length:
                raise UserError(
                    f"The prompt '{prompt}' has {length} tokens; the model reads {tokenizer.model_max_length}."
                )


def _encoded(pipeline: Any, prompts: list[str]) -> Conditioning:
    embeddings, _, *pooled = pipeline.encode_prompt(
        prompts,
        device=pipeline.device,
        num_images_per_prompt=1,
        do_classifier_free_guidance=False,
    )
    return Conditioning(embeddings, pooled[0] if pooled else None)


def _sizes(pipeline: Any, embeddings: Tensor) -> Tensor:
    """Return SDXL's time ids for whole images of the size that the pipeline makes."""
    side = float(pipeline.unet.config.sample_size * pipeline.vae_scale_factor)
    return embeddings.new_tensor([side, side, 0.0, 0.0, side, side]).repeat(len(embeddings), 1)
