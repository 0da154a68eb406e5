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
    _pipeline: Any = field(default=None, init=False, repr=False)

    def fit(self, train: Images, context: Context) -> None:
        """Learn nothing."""

    def sample(self, requests: Requests, context: Context) -> Iterator[Batch]:
        """Yield one round trip per request, of the image that `Real` would hand out."""
        from generators.stable_diffusion import pipeline as pipelines

        if self._pipeline is None:
            self._pipeline = pipelines.load(context.weights("base"), device=context.device)
        side = pipelines.resolution(self._pipeline)
        for batch in requests.batches(max(1, min(_MOST, _PIXELS // (side * side)))):
            for real in Real(self.role).sample(batch, context):
                made = self._round_trip(pixels.resize(real.images, side, "lanczos"))
                yield Batch(images=made, slides=real.slides)

    def _round_trip(self, images: Any) -> Any:
        import torch

        from generators.stable_diffusion import latents

        vae = self._pipeline.vae
        with torch.inference_mode():
            mean = vae.encode(latents.to_tensor(images, vae.device)).latent_dist.mean
            return latents.to_uint8(vae.decode(mean).sample)
