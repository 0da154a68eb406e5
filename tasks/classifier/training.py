"""Training a classifier; its epoch is chosen on validation images of the same kind as it is trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark import seeds
from benchmark.contracts.images import Images
from benchmark.errors import UserError
from tasks.classifier.network import Network


@dataclass(frozen=True)
class Recipe:
    """How a classifier is trained."""

    epochs: int
    """Passes over the training part."""
    batch: int
    """Images a step."""
    learning_rate: float
    """Peak of a one-cycle schedule of AdamW."""
    width: int
    """Channels of the network's first stage."""
    validation: float
    """Share of the images kept for choosing the epoch."""


def train(images: Images, recipe: Recipe, *, seed: int, device: str) -> Network:
    """Return a trained classifier, as it was after the epoch with the least validation loss.

    Args:
        images: Labelled images, all of one size; the test images are none of them.
        recipe: How.
        seed: Of the split, the weights and the order.
        device: ``cpu`` or ``cuda``.

    Raises:
        UserError: if all images are kept for choosing the epoch.
    """
    generator = torch.Generator().manual_seed(seeds.derive(seed, "classifier"))
    pixels, labels = tensors(images, device)
    order = torch.randperm(len(images), generator=generator)
    held = max(1, round(recipe.validation * len(images)))
    inner, outer = order[held:], order[:held]
    if len(inner) == 0:
        raise UserError(
            f"Of {len(images)} training image(s) {held} are kept for choosing the epoch, none is left to learn from. "
            "Give more images, or a smaller share for validation."
        )
    network = Network(classes=len(images.classes), width=recipe.width, generator=generator).to(device)
    steps = max(1, -(-len(inner) // recipe.batch)) * recipe.epochs
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.learning_rate, total_steps=steps)
    best, kept = float("inf"), network.state_dict()
    for _ in range(recipe.epochs):
        for rows in inner[torch.randperm(len(inner), generator=generator)].split(recipe.batch):
            loss = _loss(network, _turned(pixels[rows], generator), labels[rows])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
        with torch.inference_mode():
            found = float(_loss(network, pixels[outer], labels[outer]))
        if found < best:
            best, kept = found, {name: tensor.clone() for name, tensor in network.state_dict().items()}
    network.load_state_dict(kept)
    return network


def scores(network: Network, images: Images, *, device: str) -> NDArray[np.float64]:
    """Return each image's logits, float64, shape (N, classes)."""
    found = []
    with torch.inference_mode():
        for start in range(0, len(images), 512):
            block = images.read(start, min(start + 512, len(images)))
            found.append(network(_scaled(block, device)).double().cpu().numpy())
    return np.concatenate(found)


def tensors(images: Images, device: str) -> tuple[Tensor, Tensor]:
    """Return all images in [-1, 1], shape (N, 3, S, S), and their labels, shape (N,)."""
    pixels = torch.cat([_scaled(block, device) for block in images.batches(512)])
    return pixels, torch.from_numpy(images.labels).to(device)


def _scaled(block: NDArray[np.uint8], device: str) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(block)).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1


def _turned(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Return a batch turned by a random multiple of 90 degrees and mirrored or not: tissue has no up."""
    turns, mirror = torch.randint(4, (), generator=generator), torch.randint(2, (), generator=generator)
    turned = torch.rot90(pixels, int(turns), dims=(2, 3))
    return turned.flip(3) if mirror else turned


def _loss(network: Network, pixels: Tensor, labels: Tensor) -> Tensor:
    return torch.nn.functional.cross_entropy(network(pixels), labels)
