"""What a latent diffusion model of our own is made of, and how its autoencoder is trained."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Any, TypeVar

from pydantic import Field

from benchmark.errors import UserError

GROUPS = 4
"""Groups that the autoencoder's layers are normalized in; each has four channels at least (`linear_start`)."""

_Positive = Annotated[int, Field(ge=1)]


@dataclass
class AutoencoderDesign:
    """Sizes of the autoencoder, and its training."""

    side: _Positive = 96
    """Side of the images in pixels."""
    latent_channels: _Positive = 8
    """Channels of the latents."""
    vae_widths: tuple[_Positive, ...] = (32, 64, 96)
    """Channels of the autoencoder's levels, the finest first; each level after the first halves the side."""
    vae_steps: _Positive = 5000
    """Optimizer steps of the autoencoder's training."""
    vae_batch: _Positive = 32
    """Images a step."""
    vae_learning_rate: Annotated[float, Field(gt=0)] = 2e-3
    """Greatest learning rate; after a short warm-up it falls along a cosine to 0."""

    @property
    def latent_side(self) -> int:
        """Return the side of the latents."""
        return self.side // 2 ** (len(self.vae_widths) - 1)


@dataclass
class Design(AutoencoderDesign):
    """The same, and sizes of the UNet; its training is a `Recipe`, as any other's."""

    unet_widths: tuple[_Positive, ...] = (64, 96, 128)
    """Channels of the UNet's levels, the finest first; all but the finest attend to the prompt."""
    unet_layers: _Positive = 1
    """Residual blocks of each level of the UNet."""
    heads: _Positive = 4
    """Heads of the UNet's attention."""


D = TypeVar("D", bound=AutoencoderDesign)


def among(given: Any, kind: type[D]) -> D:
    """Return the design among the parameters of a generator; what a file gives as a list is a tuple in it."""
    found = {field.name: getattr(given, field.name) for field in fields(kind)}
    plain: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
    return kind(**plain)


def require(design: AutoencoderDesign) -> None:
    """Refuse sizes of which no network can be made, before anything is computed.

    Raises:
        UserError: At the first one.
    """
    widths, step = list(design.vae_widths), 4 * GROUPS
    if len(widths) < 2 or widths != sorted(set(widths)) or any(width % step for width in widths):
        raise UserError(f"vae_widths is {widths}; expected two or more, rising, multiples of {step}: [32, 64, 96].")
    halvings = len(widths) - 1
    if isinstance(design, Design):
        _require_unet(design)
        halvings += len(design.unet_widths) - 1
    if design.side % 2**halvings:
        nearest = max(1, round(design.side / 2**halvings)) * 2**halvings
        raise UserError(
            f"side is {design.side}, and the networks' levels halve it {halvings} times. Expected a multiple of "
            f"{2**halvings}: {nearest}."
        )


def _require_unet(design: Design) -> None:
    # Layers are normalized in 8 groups, and attention has whole heads.
    for width in design.unet_widths:
        if width % 8 or width % design.heads:
            raise UserError(
                f"unet_widths is {list(design.unet_widths)}; expected multiples of 8 and of the {design.heads} heads: "
                "[64, 96, 128]."
            )
    if len(design.unet_widths) < 2:
        raise UserError(f"unet_widths is {list(design.unet_widths)}; expected two levels or more: [64, 96, 128].")
