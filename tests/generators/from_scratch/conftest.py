"""A design, a recipe and a folder of texts at toy size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.contracts.context import Context
from generators.from_scratch.design import Design
from generators.stable_diffusion.recipe import Recipe


@pytest.fixture
def design() -> Design:
    """Sixteen pixels to latents of 4 x 8 x 8, a UNet of two levels, three steps of the autoencoder."""
    return Design(
        side=16, latent_channels=4, vae_widths=(16, 32), vae_steps=3, vae_batch=4, unet_widths=(8, 16), heads=2
    )


@pytest.fixture
def recipe() -> Recipe:
    """Three steps of the UNet."""
    return Recipe(steps=3, batch=4, learning_rate=1e-3, caption_dropout=0.1, ema=0.9)


@pytest.fixture
def context(context: Context, toy_pipeline: Path) -> Context:
    """The same with the toy pipeline's texts in place of a base."""
    return replace(context, _weights={"text": lambda: toy_pipeline})
