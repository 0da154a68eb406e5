"""Sizes of the small Stable Diffusion."""

from __future__ import annotations

RESOLUTION = 32
"""Height and width of an image in pixels."""

CANVAS = 64
"""Height and width a texture is drawn at before it is averaged down to `RESOLUTION`."""

LATENT_SIZE = 16
"""Height and width of a latent: the autoencoder reduces by 2."""

LATENT_CHANNELS = 6
"""Channels of a latent."""

TEXT_LENGTH = 32
"""Most tokens in a text, its two marks among them."""

TEXT_WIDTH = 64
"""Size of the text encoder's state at each token."""
