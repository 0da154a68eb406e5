"""From images and prompts to a fine-tuned UNet, or a low-rank change of it, on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diffusers import DDPMScheduler
from torch import Tensor

from benchmark.contracts.context import Context
from benchmark.contracts.images import Images
from generators.stable_diffusion import examples, lora, previews, processes
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion import recipe as recipes
from generators.stable_diffusion.recipe import Recipe
from generators.stable_diffusion.training import train


def fine_tune(
    images: Images, prompts: list[str], recipe: Recipe, context: Context, *, base: Path | None = None
) -> None:
    """Fine-tune the UNet of a pipeline.

    What was learnt is left in ``context.folder / "unet"``, or in ``context.folder / "lora"`` where it is a low-rank
    change.

    Args:
        images: Training images.
        prompts: Prompt of each.
        recipe: How.
        context: The step's surroundings.
        base: Folder of the pipeline; ``context.weights("base")`` where left out.

    Raises:
        UserError: If something that the recipe needs is missing here.
    """
    recipes.require(recipe, context.device)
    base = context.weights("base") if base is None else base
    pipeline = pipelines.load(base, device=context.device)
    given = examples.prepare(pipeline, images, prompts, recipe, context)
    if recipe.lora_rank:
        lora.add(pipeline.unet, recipe, context.seed)
    scheduler = DDPMScheduler.from_config(pipeline.scheduler.config)
    show = previews.make(pipeline, given, recipe, context)
    with processes.led(recipe, context, base) as team:
        weights = train(pipeline.unet, scheduler, given, recipe, context, team=team, show=show)
    _save(pipeline, weights, recipe, context)


def _save(pipeline: Any, weights: dict[str, Tensor], recipe: Recipe, context: Context) -> None:
    if recipe.lora_rank:
        lora.save(pipeline, weights, recipe, context.folder / lora.FOLDER)
        return
    pipeline.unet.load_state_dict(weights)
    # Where the weights lie on this disk is no part of what was learnt, nor of its digest.
    pipeline.unet.register_to_config(_name_or_path="")
    pipeline.unet.save_pretrained(context.folder / "unet", safe_serialization=True)
