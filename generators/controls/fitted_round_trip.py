"""Real images through an autoencoder that was trained here, and back: what a latent model on it can reach at best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Effort
from benchmark.contracts.images import Images
from generators.controls.round_trip import VaeRoundTrip
from generators.from_scratch import design as designs
from generators.from_scratch import trained
from generators.from_scratch.design import AutoencoderDesign
from generators.from_scratch.latent_diffusion import TRAINED


@dataclass
class FittedVaeRoundTrip(AutoencoderDesign, VaeRoundTrip):
    """Trains the autoencoder of `LatentDiffusion`: on the same images under the same seed it is the same one.

    Weights ``trained``, where declared: what such a generator's training elsewhere left, in place of a training here.
    """

    @property
    def effort(self) -> Effort:
        """Return how many steps a fit takes."""
        return Effort(fit_steps=self.vae_steps)

    def fit(self, train: Images, context: Context) -> None:
        """Leave the autoencoder in ``context.folder``, and beside it how it was trained."""
        design = designs.among(self, AutoencoderDesign)
        told = trained.about(train, design, context.seed)
        if context.has_weights(TRAINED):
            trained.require(context.weights(TRAINED), told)
        else:
            from generators.from_scratch import autoencoder

            designs.require(design)
            autoencoder.copy(autoencoder.trained(train, design, context), context.folder)
        trained.write(context.folder, told)

    def vae(self, context: Context) -> Any:
        """Return the autoencoder that `fit` left, here or elsewhere."""
        from generators.from_scratch import autoencoder

        place = context.weights(TRAINED) if context.has_weights(TRAINED) else context.folder
        return autoencoder.load(place / autoencoder.FOLDER, context.device)
