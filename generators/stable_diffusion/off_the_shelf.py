"""Stable Diffusion as it is, asked with the label's prompt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Batch, Effort, Requests
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
    """Scale of classifier-free guidance; 1 is without, and takes half the time."""
    guidance_rescale: float = 0.0
    """How far guidance is brought back to the spread of what was predicted for the prompt; 0 is not at all."""
    negative_prompt: str = ""
    """What guidance leads away from."""
    scheduler: str = "saved"
    """Sampler; ``saved`` is the pipeline's own."""
    sampling_batch: int = 32
    """Images drawn at once."""
    dtype: Literal["fp32", "bf16", "fp16"] = "fp32"
    """What the UNet and the VAE compute in while sampling."""
    slicing: bool = False
    """Whether attention and VAE work piece by piece, which takes less memory and more time."""
    _painter: Painter | None = field(default=None, init=False, repr=False)

    @property
    def effort(self) -> Effort:
        """Return how many steps an image takes."""
        return Effort(image_steps=self.sampling_steps)

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

    def base(self, context: Context) -> Path:
        """Return the folder of the pipeline that it samples from."""
        return context.weights("base")

    def additions(self, context: Context) -> dict[str, Any]:
        """Return what is put on top of the base's weights, as keyword arguments of `pipeline.load`.

        Here: what a fit left.
        """
        from generators.stable_diffusion.additions import Lora

        unet, lora = (context.folder / name for name in ("unet", "lora"))
        return {"unet": unet if unet.is_dir() else None, "lora": Lora(lora) if lora.is_dir() else None}

    def _load(self, context: Context) -> Painter:
        if self._painter is None:
            from generators.stable_diffusion import pipeline as pipelines
            from generators.stable_diffusion.painter import Painter
            from generators.stable_diffusion.sampling import Settings

            pipeline = pipelines.load(
                self.base(context),
                device=context.device,
                scheduler=self.scheduler,
                dtype=self.dtype,
                **self.additions(context),
            )
            if self.slicing:
                pipeline.enable_attention_slicing()
                pipeline.vae.enable_slicing()
            self._painter = Painter(
                pipeline,
                Settings(self.sampling_steps, self.guidance, self.guidance_rescale),
                negative_prompt=self.negative_prompt,
            )
        return self._painter
