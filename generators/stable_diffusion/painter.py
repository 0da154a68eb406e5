"""A loaded pipeline that turns prompts and seeds into images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.stable_diffusion import lora as loras
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion import sampling


class Painter:
    """Keeps the pipeline and the prompt embeddings it has met."""

    def __init__(
        self, base: Path, *, device: str, unet: Path | None, scheduler: str, steps: int, guidance: float,
        lora: Path | None = None,
    ) -> None:  # fmt: skip
        """Load the pipeline.

        Args:
            base: Folder of the pipeline.
            device: ``cpu`` or ``cuda``.
            unet: Folder of a fine-tuned UNet, or None for the pipeline's own.
            scheduler: Sampler; ``saved`` is the pipeline's own.
            steps: Denoising steps.
            guidance: Scale of classifier-free guidance.
            lora: Folder of a low-rank change of the UNet, which is put into its weights; None for none.
        """
        self._pipeline = pipelines.load(base, device=device, unet=unet, scheduler=scheduler)
        if lora is not None:
            loras.fuse(self._pipeline, lora)
        self._steps, self._guidance = steps, guidance
        self._embeddings: dict[str, Tensor] = {}

    def paint(self, prompts: list[str], seeds: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return one image per prompt and seed, uint8 RGB, shape (B, S, S, 3)."""
        new = sorted({"", *prompts} - self._embeddings.keys())
        if new:
            self._embeddings |= dict(zip(new, pipelines.embed_prompts(self._pipeline, new), strict=True))
        embeddings = torch.stack([self._embeddings[prompt] for prompt in prompts])
        null = self._embeddings[""][None]
        return sampling.sample(self._pipeline, embeddings, null, seeds, steps=self._steps, guidance=self._guidance)
