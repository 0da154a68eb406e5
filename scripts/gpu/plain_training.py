"""A training as the text-to-image example of diffusers has it: VAE and text encoder in the loop.

After ``examples/text_to_image/train_text_to_image.py`` of diffusers (The HuggingFace Team, Apache-2.0): the same order
of calls, transforms of torchvision's kind on Pillow images, prompts tokenized beforehand, frozen parts in the lower
precision, losses gathered each step. Its options are at their fastest: TF32, bfloat16 where asked for, batches made by
workers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from accelerate import Accelerator
from diffusers import DDPMScheduler
from diffusers.optimization import get_scheduler
from PIL import Image
from torch.utils.data import DataLoader, Dataset


class Settings(NamedTuple):
    """What both loops have in common."""

    batch: int
    precision: str
    """``no`` or ``bf16``, as accelerate has them."""
    learning_rate: float = 1e-5
    gradient_checkpointing: bool = False
    workers: int = 0


class Pictures(Dataset[dict[str, torch.Tensor]]):
    """Images and their tokens."""

    def __init__(self, pixels: np.ndarray[Any, np.dtype[np.uint8]], tokens: torch.Tensor, side: int) -> None:
        """Keep them as they are: uint8 RGB, shape (N, H, W, 3)."""
        self._pixels, self._tokens, self._side = pixels, tokens, side

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._pixels)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """Return an image brought to size, flipped by chance, in [-1, 1]."""
        image = Image.fromarray(self._pixels[index])
        if image.size != (self._side, self._side):
            image = image.resize((self._side, self._side), Image.Resampling.BILINEAR)
        tensor = torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1).float().div(255)
        if torch.rand(1) < 0.5:
            tensor = tensor.flip(-1)
        return {"pixel_values": tensor.sub(0.5).div(0.5), "input_ids": self._tokens[index]}


class PlainTraining:
    """The example's loop, a step at a time."""

    def __init__(
        self,
        pipeline: Any,
        pixels: np.ndarray[Any, np.dtype[np.uint8]],
        prompts: list[str],
        side: int,
        settings: Settings,
    ) -> None:
        """Prepare as the example does."""
        self._accelerator = Accelerator(mixed_precision=settings.precision, cpu=pipeline.device.type == "cpu")
        self._batch = settings.batch
        lower = torch.bfloat16 if settings.precision == "bf16" else torch.float32
        self._dtype = lower
        self._vae, self._text = pipeline.vae.to(dtype=lower), pipeline.text_encoder.to(dtype=lower)
        unet = pipeline.unet.train().requires_grad_(True)
        if settings.gradient_checkpointing:
            unet.enable_gradient_checkpointing()
        self._scheduler = DDPMScheduler.from_config(pipeline.scheduler.config)
        optimizer = torch.optim.AdamW(unet.parameters(), lr=settings.learning_rate, weight_decay=1e-2)
        tokens = pipeline.tokenizer(
            prompts, max_length=pipeline.tokenizer.model_max_length, padding="max_length", truncation=True,
            return_tensors="pt",
        ).input_ids  # fmt: skip
        loader = DataLoader(
            Pictures(pixels, tokens, side), shuffle=True, batch_size=settings.batch, num_workers=settings.workers,
            drop_last=True, persistent_workers=settings.workers > 0,
        )  # fmt: skip
        course = get_scheduler("constant", optimizer=optimizer)
        self._unet, self._optimizer, self._loader, self._course = self._accelerator.prepare(
            unet, optimizer, loader, course
        )
        self._batches = self._endless()

    def step(self) -> float:
        """Take a step; return its loss."""
        batch = next(self._batches)
        with self._accelerator.accumulate(self._unet):
            latents = self._vae.encode(batch["pixel_values"].to(self._dtype)).latent_dist.sample()
            latents = latents * self._vae.config.scaling_factor
            noise = torch.randn_like(latents)
            times = torch.randint(0, self._scheduler.config.num_train_timesteps, (len(latents),), device=latents.device)
            noisy = self._scheduler.add_noise(latents.float(), noise.float(), times.long()).to(dtype=self._dtype)
            states = self._text(batch["input_ids"], return_dict=False)[0]
            target = noise
            if self._scheduler.config.prediction_type == "v_prediction":
                target = self._scheduler.get_velocity(latents, noise, times)
            predicted = self._unet(noisy, times, states, return_dict=False)[0]
            loss = torch.nn.functional.mse_loss(predicted.float(), target.float(), reduction="mean")
            told = self._accelerator.gather(loss.repeat(self._batch)).mean()
            self._accelerator.backward(loss)
            self._accelerator.clip_grad_norm_(self._unet.parameters(), 1.0)
            self._optimizer.step()
            self._course.step()
            self._optimizer.zero_grad()
        return float(told.item())

    def _endless(self) -> Iterator[dict[str, torch.Tensor]]:
        while True:
            yield from self._loader
