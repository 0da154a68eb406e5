"""Stable Diffusion as it is, asked with the label's prompt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Batch, Requests
from benchmark.contracts.images import Images
from generators import prompts

if TYPE_CHECKING:
    from generators.stable_diffusion.painter import Painter


@dataclass
class OffTheShelf:
    """A pretrained pipeline, untouched."""

    sampling_steps: int = 50
    """Denoising steps."""
    guidance: float = 7.5
    """Scale of classifier-free guidance."""
    scheduler: str = "saved"
    """Sampler; ``saved`` is the pipeline's own."""
    sampling_batch: int = 32
    """Images drawn at once."""
    _painter: Painter | None = field(default=None, init=False, repr=False)

    def fit(self, train: Images, context: Context) -> None:
        """Learn nothing: the pipeline stays as it is."""

    def sample(self, requests: Requests, context: Context) -> Iterator[Batch]:
        """Yield one image per request."""
        painter = self._load(context)
        for batch in requests.batches(self.sampling_batch):
            asked = self.prompts(batch, context)
            yield Batch(images=painter.paint(asked, batch.seeds), prompts=asked)

    def prompts(self, requests: Requests, context: Context) -> list[str]:
        """Return the prompt of each request: its label's."""
        return [prompts.baseline(requests.classes[label]) for label in requests.labels]

    def _load(self, context: Context) -> Painter:
        if self._painter is None:
            from generators.stable_diffusion.painter import Painter

            unet, lora = context.folder / "unet", context.folder / "lora"
            self._painter = Painter(
                context.weights("base"),
                device=context.device,
                unet=unet if unet.is_dir() else None,
                lora=lora if lora.is_dir() else None,
                scheduler=self.scheduler,
                steps=self.sampling_steps,
                guidance=self.guidance,
            )
        return self._painter
