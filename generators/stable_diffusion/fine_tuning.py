"""From images and prompts to a fine-tuned UNet on disk."""

from __future__ import annotations

import torch
from diffusers import DDPMScheduler

from benchmark.contracts.context import Context
from benchmark.contracts.images import Images
from generators.stable_diffusion import latents
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.training import Examples, Recipe, train


def fine_tune(images: Images, prompts: list[str], recipe: Recipe, context: Context) -> None:
    """Fine-tune the UNet of ``context.weights("base")`` and leave it in ``context.folder / "unet"``.

    Args:
        images: Training images.
        prompts: Prompt of each.
        recipe: How.
        context: The step's surroundings.
    """
    pipeline = pipelines.load(context.weights("base"), device=context.device)
    side = pipelines.resolution(pipeline)
    moments = latents.encode(pipeline.vae, images, side, flipped=recipe.flip, progress=context.progress)
    distinct = ["", *sorted(set(prompts) - {""})]
    number = {prompt: row for row, prompt in enumerate(distinct)}
    examples = Examples(
        moments=moments,
        prompts=torch.tensor([number[prompt] for prompt in prompts]),
        embeddings=pipelines.embed_prompts(pipeline, distinct),
    )
    scheduler = DDPMScheduler.from_config(pipeline.scheduler.config)
    weights = train(pipeline.unet, scheduler, examples, recipe, context)
    pipeline.unet.load_state_dict(weights)
    # Where the weights lie on this disk is no part of what was learnt, nor of its digest.
    pipeline.unet.register_to_config(_name_or_path="")
    pipeline.unet.save_pretrained(context.folder / "unet", safe_serialization=True)
