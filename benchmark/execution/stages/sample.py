"""Draw one shard of a variant's images."""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from benchmark.artifacts import image_set
from benchmark.contracts.generator import Batch, Requests
from benchmark.execution.desk import Desk
from benchmark.execution.failures import ContractFault
from benchmark.execution.stages import requests, surroundings
from benchmark.plan.steps import SampleConfig


def run(desk: Desk) -> None:
    """Write the shard's images and manifest."""
    drawn = draw(desk)
    image_set.write_shard(desk.out, drawn.images, drawn.requests, drawn.prompts, drawn.slides)


class Drawn(NamedTuple):
    """What a generator gave for the requests of a shard."""

    images: NDArray[np.uint8]
    """Shape (N, H, W, 3)."""
    prompts: list[str]
    """Empty where there was none."""
    slides: list[str]
    """Empty where the image is from none."""
    requests: Requests


def draw(desk: Desk) -> Drawn:
    """Return what the generator gives for the shard's requests, after checking that it kept its contract.

    Raises:
        ContractFault: If it did not.
    """
    config, wanted = cast(SampleConfig, desk.step.config), requests_of(desk)
    state = desk.inputs["fit"].manifest.digest if "fit" in desk.inputs else "none"
    generator = desk.toolbox.generator(config.generator, state=state)
    images: list[NDArray[np.uint8]] = []
    prompts: list[str] = []
    slides: list[str] = []
    for batch in generator.sample(wanted, surroundings.of_sample(desk, config)):
        _check(batch, images, desk.step.title)
        _check_slides(batch, config, desk.step.title)
        images.append(batch.images.copy())  # Generators may fill one buffer again and again.
        prompts += [""] * len(batch.images) if batch.prompts is None else list(batch.prompts)
        slides += [""] * len(batch.images) if batch.slides is None else list(batch.slides)
        if len(prompts) > len(wanted):
            break  # It may never end.
        desk.progress(len(prompts), len(wanted), "images")
    _check_count(len(prompts), wanted, desk.step.title)
    return Drawn(np.concatenate(images), prompts, slides, wanted)


def requests_of(desk: Desk) -> Requests:
    """Return the requests of a shard."""
    config, dataset = cast(SampleConfig, desk.step.config), desk.dataset()
    labels = dataset.role(config.train).labels
    return requests.make(
        start=config.start,
        stop=config.stop,
        seed=config.seed,
        frequencies=np.bincount(labels, minlength=len(dataset.classes)) / len(labels),
        classes=dataset.classes,
    )


def _check(batch: Batch, before: list[NDArray[np.uint8]], title: str) -> None:
    images = batch.images
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
        found = f"{getattr(images, 'dtype', type(images).__name__)} of shape {getattr(images, 'shape', '?')}"
        raise ContractFault(f"{title}: expected uint8 RGB of shape (B, H, W, 3), the generator gave {found}.")
    if before and images.shape[1:] != before[0].shape[1:]:
        raise ContractFault(
            f"{title}: images of one set must have one size, found {before[0].shape[1:]} and {images.shape[1:]}."
        )
    if batch.prompts is not None and len(batch.prompts) != len(images):
        raise ContractFault(f"{title}: {len(images)} images came with {len(batch.prompts)} prompts.")


def _check_slides(batch: Batch, config: SampleConfig, title: str) -> None:
    if batch.slides is None:
        return
    if not config.generator.reads:
        # Its images would be left out in other groups than those of all other generators, and not compared.
        raise ContractFault(f"{title}: images came with slides, but the entry says under 'reads' that it reads none.")
    if len(batch.slides) != len(batch.images):
        raise ContractFault(f"{title}: {len(batch.images)} images came with {len(batch.slides)} slides.")


def _check_count(count: int, wanted: Requests, title: str) -> None:
    if count != len(wanted):
        raise ContractFault(f"{title}: {len(wanted)} images were asked for, the generator gave {count}.")
