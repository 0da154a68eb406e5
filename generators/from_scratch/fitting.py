"""From images and prompts to a whole pipeline on disk: an autoencoder, and a UNet on its latents."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from benchmark import seeds
from benchmark.contracts.context import Context
from benchmark.contracts.images import Images
from benchmark.errors import UserError
from generators.from_scratch import assembling, autoencoder, networks
from generators.from_scratch import design as designs
from generators.from_scratch.design import Design
from generators.stable_diffusion import conditioning, fine_tuning
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion import recipe as recipes
from generators.stable_diffusion.recipe import Recipe


def fit(
    images: Images, prompts: list[str], design: Design, recipe: Recipe, text: Path, context: Context, *,
    vae: Path | None = None,
) -> None:  # fmt: skip
    """Train both networks, and leave a pipeline that diffusers loads in ``context.folder``, in half precision.

    The UNet is trained by the code that fine-tunes any Stable Diffusion, from a base whose UNet has first weights.

    Args:
        images: Training images.
        prompts: Prompt of each.
        design: The networks, and how the autoencoder is trained.
        recipe: How the UNet is.
        text: Folder of a pipeline whose tokenizer and text encoder are taken as they are.
        context: The step's surroundings.
        vae: Folder of an autoencoder trained already; it is trained here where left out.

    Raises:
        UserError: If sizes or recipe cannot be had, before anything is computed.
        Diverged: If a loss is no longer finite.
    """
    require(design, recipe, context.device)
    source = pipelines.load(text, device="cpu")
    conditioning.check_lengths(source, sorted(set(prompts)))
    if vae is None:
        vae = autoencoder.trained(images, design, _within(context, "autoencoder"))
    base = _base(design, vae, source, context)
    fitted = _folder(context.scratch / "fitted")
    fine_tuning.fine_tune(images, prompts, recipe, replace(_within(context, "unet"), folder=fitted), base=base)
    _save(context.folder, vae, source, pipelines.load(base, device="cpu", unet=fitted / "unet").unet)


def require(design: Design, recipe: Recipe, device: str) -> None:
    """Refuse what cannot be trained, before anything is computed.

    Raises:
        UserError: If sizes or recipe cannot be had.
    """
    designs.require(design)
    recipes.require(recipe, device)
    if recipe.lora_rank:
        raise UserError("'lora_rank' changes weights that are learnt already; here there are none. Leave it out.")


def _base(design: Design, vae: Path, source: Any, context: Context) -> Path:
    """Return the folder of the pipeline whose UNet has learnt nothing yet."""
    with networks.seeded(seeds.derive(context.seed, "unet/weights")):
        unet = networks.unet(
            side=design.latent_side, channels=design.latent_channels, widths=design.unet_widths,
            layers=design.unet_layers, heads=design.heads, text_width=int(source.text_encoder.config.hidden_size),
            attending=len(design.unet_widths) - 1,
        )  # fmt: skip
    # Written anew by a resumed fit: the same bits, in less time than it takes to look whether they are whole.
    base = context.scratch / "base"
    _save(base, vae, source, unet)
    return base


def _save(folder: Path, vae: Path, source: Any, unet: Any) -> None:
    assembling.save(
        folder, vae=autoencoder.load(vae, "cpu"), text_encoder=source.text_encoder, tokenizer=source.tokenizer,
        unet=unet, dtype=torch.float16,
    )  # fmt: skip


def _within(context: Context, name: str) -> Context:
    """Return the surroundings of a part of the work, with a scratch folder of its own."""
    return replace(context, scratch=_folder(context.scratch / name))


def _folder(place: Path) -> Path:
    place.mkdir(exist_ok=True)
    return place
