"""A loaded pipeline that turns prompts and seeds into images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generators.stable_diffusion import conditioning, sampling
from generators.stable_diffusion.conditioning import Conditioning
from generators.stable_diffusion.pipeline import Pipeline
from generators.stable_diffusion.sampling import Settings


class Painter:
    """Keeps the pipeline and what its UNet is told of the prompts it has met."""

    def __init__(self, pipeline: Pipeline, settings: Settings, *, negative_prompt: str = "") -> None:
        """Take a pipeline.

        Args:
            pipeline: A pipeline of `pipeline.load`.
            settings: How it samples.
            negative_prompt: What guidance leads away from.
        """
        self._pipeline, self._settings = pipeline, settings
        self._negative_prompt = negative_prompt
        self._told: dict[str, Conditioning] = {}

    def paint(self, prompts: list[str], seeds: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return one image per prompt and seed, uint8 RGB, shape (B, S, S, 3)."""
        new = sorted({self._negative_prompt, *prompts} - self._told.keys())
        if new:
            found = conditioning.of(self._pipeline, new)
            self._told |= {prompt: found.take([row]) for row, prompt in enumerate(new)}
        told = conditioning.join([self._told[prompt] for prompt in prompts])
        return sampling.sample(self._pipeline, told, self._told[self._negative_prompt], seeds, self._settings)
