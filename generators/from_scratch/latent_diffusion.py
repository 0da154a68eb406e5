"""Latent diffusion models of our own: nothing in them has seen an image that is no training image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Effort
from benchmark.contracts.images import Images
from generators.from_scratch import design as designs
from generators.from_scratch import trained
from generators.from_scratch.design import Design
from generators.stable_diffusion.label_prompts import LabelPrompts, learnt_from
from generators.stable_diffusion.morphology_prompts import MorphologyPrompts

TRAINED = "trained"
"""Weights that an entry may declare: what a training elsewhere left, in place of one here."""


@dataclass
class LatentDiffusion(Design, LabelPrompts):
    """Trains an autoencoder and then, on its latents, a UNet conditioned on the labels' prompts.

    Weights ``text``: a pipeline folder whose tokenizer and text encoder read the prompts; they stay frozen. Weights
    ``trained``, where declared: what `fit` left elsewhere. It is held against the entry, and nothing is trained.
    """

    @property
    def effort(self) -> Effort:
        """Return how many steps a fit, the autoencoder's included, and an image take."""
        return Effort(fit_steps=self.vae_steps + self.steps, image_steps=self.sampling_steps)

    def fit(self, train: Images, context: Context) -> None:
        """Leave a whole pipeline in ``context.folder``, and beside it how it was trained."""
        images = learnt_from(train, context)
        prompts, design = self.training_prompts(images, context), designs.among(self, Design)
        told = trained.about(images, design, context.seed, prompts=prompts, recipe=self.recipe)
        if context.has_weights(TRAINED):
            trained.require(context.weights(TRAINED), told)
        else:
            from generators.from_scratch import fitting

            fitting.fit(images, prompts, design, self.recipe, context.weights("text"), context)
        trained.write(context.folder, told)

    def base(self, context: Context) -> Path:
        """Return what `fit` left, here or elsewhere."""
        return context.weights(TRAINED) if context.has_weights(TRAINED) else context.folder

    def additions(self, context: Context) -> dict[str, object]:
        """Return nothing: what was learnt is the pipeline itself."""
        return {}


@dataclass
class MorphologyLatentDiffusion(LatentDiffusion, MorphologyPrompts):
    """The same on prompts that name the morphology, as the entry's builder made them."""
