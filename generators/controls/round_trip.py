"""Real images through the VAE and back: what any latent model on that VAE can reach at best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Batch, Requests
from benchmark.contracts.images import Images
from benchmark.contracts.roles import RealRole
from benchmark.protocol import pixels
from generators.controls.real import Real

_MOST = 32
"""Images at once, at most."""
_PIXELS = 16 * 512 * 512
"""Pixels at once, at most: they go through the VAE in float32."""


@dataclass
class VaeRoundTrip:
    """Encodes real images to the mean of their latents, and decodes them."""

    role: RealRole = "floor"
    """The role whose images make the trip."""
    _vae: Any = field(default=None, init=False, repr=False)

    def fit(self, train: Images, context: Context) -> None:
        """Learn nothing."""

    def sample(self, requests: Requests, context: Context) -> Iterator[Batch]:
        """Yield one round trip per request, of the image that `Real` would hand out."""
        from generators.stable_diffusion import latents

        if self._vae is None:
            self._vae = self.vae(context)
        side = int(self._vae.config.sample_size)
        for batch in requests.batches(max(1, min(_MOST, _PIXELS // (side * side)))):
            for real in Real(self.role).sample(batch, context):
                made = latents.round_trip(self._vae, pixels.resize(real.images, side, "lanczos"))
                yield Batch(images=made, slides=real.slides)

    def vae(self, context: Context) -> Any:
        """Return the autoencoder, which knows the side of its images: here, that of a pipeline."""
        from generators.stable_diffusion import pipeline as pipelines

        pipeline = pipelines.load(context.weights("base"), device=context.device)
        pipeline.vae.register_to_config(sample_size=pipelines.resolution(pipeline))
        return pipeline.vae
