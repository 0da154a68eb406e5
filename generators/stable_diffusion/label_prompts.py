"""Stable Diffusion with its UNet fine-tuned on the labels' prompts: the study's baseline."""

from __future__ import annotations

from dataclasses import dataclass, fields

from benchmark import digests
from benchmark.contracts.context import Context
from benchmark.contracts.generator import Effort
from benchmark.contracts.images import Images
from generators import prompts
from generators.stable_diffusion.off_the_shelf import OffTheShelf
from generators.stable_diffusion.recipe import Recipe


@dataclass
class LabelPrompts(Recipe, OffTheShelf):
    """Fine-tunes the UNet; VAE and text encoder stay frozen."""

    def fit(self, train: Images, context: Context) -> None:
        """Leave the fine-tuned UNet, or a low-rank change of it, in ``context.folder``."""
        from generators.stable_diffusion import fine_tuning

        images = learnt_from(train, context)
        fine_tuning.fine_tune(images, self.training_prompts(images, context), self.recipe, context)

    @property
    def effort(self) -> Effort:
        """Return how many steps a fit and an image take."""
        return Effort(fit_steps=self.steps, image_steps=self.sampling_steps)

    @property
    def recipe(self) -> Recipe:
        """Return how it is fine-tuned."""
        return Recipe(**{field.name: getattr(self, field.name) for field in fields(Recipe)})

    def training_prompts(self, train: Images, context: Context) -> list[str]:
        """Return the prompt of each training image that is learnt from: its label's."""
        return [prompts.baseline(train.classes[label]) for label in train.labels]


def learnt_from(train: Images, context: Context) -> Images:
    """Return the training images that the entry's prompts keep: all where it has none."""
    found = context.prompts
    if found is None or len(found.rows) == len(train):
        return train
    return train.take(found.rows, digest=digests.of_value([train.digest, found.rows.tolist()]))
