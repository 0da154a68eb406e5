"""Training the autoencoder: kept now and then, so that a stopped training goes on where it was."""

from __future__ import annotations

import math
import shutil
import time
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray
from torch import Tensor

from benchmark import seeds
from benchmark.contracts.context import Context
from benchmark.contracts.images import Images
from benchmark.errors import Diverged
from generators.from_scratch import design as designs
from generators.from_scratch import networks, pictures, reproduction
from generators.from_scratch import trained as trainings
from generators.from_scratch.design import AutoencoderDesign
from generators.stable_diffusion import checkpoints, latents, optimizers, precision, training
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.checkpoints import State
from generators.stable_diffusion.pace import Pace
from generators.stable_diffusion.recipe import Recipe

FOLDER = "vae"
"""Name of the folder that a trained one is saved in, as in a pipeline of diffusers."""
STANDARDIZED = 2048
"""Training images, spread over all, whose latents are made standard."""

_CHECKPOINT_SHARE = 0.05
_REPORT = 10
_BLOCK = 64
_Pictures: TypeAlias = NDArray[np.uint8]
"""uint8 RGB, shape (N, S, S, 3)."""


def trained(images: Images, design: AutoencoderDesign, context: Context) -> Path:
    """Train an autoencoder and return the folder it is saved in, below ``context.scratch``.

    What is there is gone on with, and one that is whole is taken as it is, where it is of this very training; what that
    is lies beside it (`trained.begin`). What happens at step s is drawn from the seed and s alone, so that a resumed
    training takes the very steps an uninterrupted one takes.

    Args:
        images: Training images.
        design: Sizes, steps, batch and learning rate.
        context: Seed, scratch folder, progress and log.

    Raises:
        Diverged: If the loss is no longer finite.
        UserError: If the folder holds another training, or something else.
    """
    pipelines.hush()
    told = trainings.about(images, designs.among(design, AutoencoderDesign), context.seed)
    trainings.begin(context.scratch, told, remedy="Remove the folder, or take another.")
    place = context.scratch / FOLDER
    if not place.exists():
        with networks.seeded(seeds.derive(context.seed, "vae/weights")):
            vae: Any = networks.vae(
                side=design.side, channels=design.latent_channels, widths=design.vae_widths, groups=designs.GROUPS
            )
        vae.to(context.device, memory_format=torch.channels_last)
        read = pictures.kept(images, design.side, context.scratch, context.progress)
        with precision.tf32(allowed=True):
            _train(vae, read, design, context)
            reproduction.standardize(vae, _latents(vae, read))
        save(vae, place)
    return place


def save(vae: Any, place: Path) -> None:
    """Write an autoencoder in half precision aside and rename it into place: there is a whole one, or none."""
    aside = place.with_name(f"{place.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    vae.register_to_config(_name_or_path="")
    vae.to(torch.float16).save_pretrained(aside, safe_serialization=True)
    aside.rename(place)


def copy(place: Path, folder: Path) -> None:
    """Copy a saved autoencoder into a folder, under the name it has in a pipeline."""
    shutil.copytree(place, folder / FOLDER)


def load(place: Path, device: str) -> AutoencoderKL:
    """Return a saved autoencoder in single precision, at rest."""
    found = AutoencoderKL.from_pretrained(place, dtype=torch.float32, local_files_only=True, use_safetensors=True)
    return found.to(device).requires_grad_(False).eval()


def recipe_of(design: AutoencoderDesign) -> Recipe:
    """Return how it is trained in the terms of the UNet's training, whose optimizer and schedules it shares."""
    return Recipe(
        steps=design.vae_steps, batch=design.vae_batch, learning_rate=design.vae_learning_rate, schedule="cosine",
        warmup_steps=design.vae_steps // 30, beta2=0.95, weight_decay=1e-3,
    )  # fmt: skip


def _train(vae: Any, read: _Pictures, design: AutoencoderDesign, context: Context) -> None:
    recipe = recipe_of(design)
    weights = dict(vae.train().named_parameters())
    scaler = torch.amp.GradScaler(vae.device.type, enabled=False)
    state = State(weights=weights, average={}, optimizer=optimizers.make(weights.values(), recipe), scaler=scaler)
    rate = optimizers.rate_of(state.optimizer, recipe)
    checkpoints.restore(context.scratch, state)
    pace, tell = Pace(training.CHECKPOINT_S, _CHECKPOINT_SHARE), _Teller(recipe, context, state.step)
    for step in range(state.step, recipe.steps):
        for group in state.optimizer.param_groups:
            group["lr"] = rate(step)
        loss = _step(vae, _batch(read, design.vae_batch, context.seed, step, vae.device), state, recipe)
        state.step = step + 1
        tell(loss, step)
        if step + 1 < recipe.steps and pace.is_due:
            with pace.taken():
                checkpoints.save(context.scratch, state)
    vae.eval().requires_grad_(False)


def _step(vae: Any, given: tuple[Tensor, torch.Generator], state: State, recipe: Recipe) -> Tensor:
    state.optimizer.zero_grad(set_to_none=True)
    loss = reproduction.loss_of(vae, *given)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(state.weights.values(), recipe.clip_norm)
    state.optimizer.step()
    return loss.detach()


def _batch(read: _Pictures, size: int, seed: int, step: int, device: Any) -> tuple[Tensor, torch.Generator]:
    """Return the images of a step, and what draws their latents: functions of seed and step alone.

    Half of the batches are mirrored, and half transposed: tissue has no side that is up.
    """
    generator = torch.Generator().manual_seed(seeds.derive(seed, "vae", step))
    rows = torch.randint(len(read), (size,), generator=generator)
    mirrored, transposed = (torch.rand(2, generator=generator) < 0.5).tolist()
    batch = latents.to_tensor(read[rows.numpy()], device)
    batch = batch.flip(3) if mirrored else batch
    batch = batch.transpose(2, 3) if transposed else batch
    return batch.contiguous(memory_format=torch.channels_last), generator


@torch.no_grad()
def _latents(vae: Any, read: _Pictures) -> Tensor:
    """Return the means of latents of training images spread over all."""
    rows = np.linspace(0, len(read) - 1, min(STANDARDIZED, len(read))).round().astype(np.int64)
    blocks = (
        latents.to_tensor(read[rows[start : start + _BLOCK]], vae.device) for start in range(0, len(rows), _BLOCK)
    )
    return torch.cat([vae.encode(block).latent_dist.mode() for block in blocks])


class _Teller:
    """Tells how the training goes."""

    def __init__(self, recipe: Recipe, context: Context, done: int) -> None:
        self._recipe, self._context = recipe, context
        self._clock, self._told = time.perf_counter(), done

    def __call__(self, loss: Tensor, step: int) -> None:
        """Tell of a step that was taken.

        Raises:
            Diverged: If the loss is not finite.
        """
        recipe, context = self._recipe, self._context
        context.progress(step + 1, recipe.steps, "autoencoder steps")
        if step % _REPORT and step + 1 < recipe.steps:
            return
        if not (value := float(loss)) < math.inf:
            raise Diverged(f"the autoencoder's loss is {value} at step {step + 1} of {recipe.steps}")
        now = time.perf_counter()
        context.log("autoencoder_loss", value, step)
        context.log("autoencoder_images_per_second", (step + 1 - self._told) * recipe.batch / (now - self._clock), step)
        self._clock, self._told = now, step + 1
