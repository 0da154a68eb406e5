"""Stable Diffusion with its UNet fine-tuned on the labels' prompts: the study's baseline."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.contracts.context import Context
from benchmark.contracts.images import Images
from generators import prompts
from generators.stable_diffusion.off_the_shelf import OffTheShelf


@dataclass
class LabelPrompts(OffTheShelf):
    """Fine-tunes the UNet; VAE and text encoder stay frozen."""

    steps: int = 1000
    """Optimizer steps."""
    batch: int = 32
    """Images a step."""
    learning_rate: float = 1e-5
    """Constant learning rate of AdamW."""
    caption_dropout: float = 0.1
    """Share of images whose prompt is emptied; the study's release has none."""
    flip: bool = True
    """Whether half of the images are mirrored."""
    ema: float = 0.0
    """Decay of the running mean of the weights; 0 keeps the last weights."""

    def fit(self, train: Images, context: Context) -> None:
        """Leave the fine-tuned UNet in ``context.folder``."""
        from generators.stable_diffusion import fine_tuning
        from generators.stable_diffusion.training import Recipe

        recipe = Recipe(self.steps, self.batch, self.learning_rate, self.caption_dropout, self.flip, self.ema)
        fine_tuning.fine_tune(train, self.training_prompts(train, context), recipe, context)

    def training_prompts(self, train: Images, context: Context) -> list[str]:
        """Return the prompt of each training image: its label's."""
        return [prompts.baseline(train.classes[label]) for label in train.labels]
