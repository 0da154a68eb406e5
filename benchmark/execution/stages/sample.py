"""Draw one shard of a variant's images."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from benchmark.artifacts import image_set
from benchmark.artifacts.image_set import Reduced
from benchmark.contracts.generator import Batch, Generator, Requests
from benchmark.execution.desk import Desk
from benchmark.execution.failures import ContractFault, describe
from benchmark.execution.stages import requests, surroundings
from benchmark.plan.steps import SampleConfig
from benchmark.protocol.operations import Resize


def run(desk: Desk) -> None:
    """Write the shard's images and manifest."""
    drawn = draw(desk)
    image_set.write_shard(desk.out, drawn.images, drawn.requests, drawn.prompts, drawn.slides)
    if drawn.reduced is not None:
        image_set.write_reduced(desk.out, drawn.reduced)


class Drawn(NamedTuple):
    """What a generator gave for the requests of a shard."""

    images: NDArray[np.uint8]
    """Shape (N, H, W, 3), as they are stored."""
    prompts: list[str]
    """Empty where there was none."""
    slides: list[str]
    """Empty where the image is from none."""
    requests: Requests
    reduced: Reduced | None
    """How they were brought down from the size they were made at; None where they were not."""


def draw(desk: Desk) -> Drawn:
    """Return what the generator gives for the shard's requests, after checking that it kept its contract.

    Raises:
        ContractFault: If it did not.
    """
    config, wanted = cast(SampleConfig, desk.step.config), requests_of(desk)
    state = desk.inputs["fit"].manifest.digest if "fit" in desk.inputs else "none"
    generator = desk.toolbox.generator(config.generator, state=state)
    made: tuple[int, ...] | None = None
    images: list[NDArray[np.uint8]] = []
    prompts: list[str] = []
    slides: list[str] = []
    for batch in _batches(generator, wanted, desk):
        _check(batch, made)
        _check_slides(batch, config)
        made = batch.images.shape[1:3]
        images.append(_reduced(batch.images, config.stored))
        prompts += [""] * len(batch.images) if batch.prompts is None else list(batch.prompts)
        slides += [""] * len(batch.images) if batch.slides is None else list(batch.slides)
        if len(prompts) > len(wanted):
            break  # It may never end.
        desk.progress(len(prompts), len(wanted), "images")
    _check_count(len(prompts), wanted)
    stored = np.concatenate(images)
    reduced = None
    if made is not None and config.stored is not None and stored.shape[1:3] != made:
        reduced = Reduced(made, config.stored)
    return Drawn(stored, prompts, slides, wanted, reduced)


def requests_of(desk: Desk) -> Requests:
    """Return the requests of a shard."""
    config, dataset = cast(SampleConfig, desk.step.config), desk.dataset()
    return requests.make(
        start=config.start,
        stop=config.stop,
        seed=config.seed,
        frequencies=requests.frequencies(config.labels, dataset.role(config.train)),
        classes=dataset.classes,
    )


def _batches(generator: Generator, wanted: Requests, desk: Desk) -> Iterator[Batch]:
    """Yield what `sample` gives, as long as it is batches."""
    with _told_of_a_missing_fit(desk):
        sampled = generator.sample(wanted, surroundings.of_sample(desk, cast(SampleConfig, desk.step.config)))
        if not isinstance(sampled, Iterable):
            raise ContractFault(f"'sample' must yield batches, it returned {type(sampled).__name__}.")
        for batch in sampled:
            if not isinstance(batch, Batch):
                raise ContractFault(
                    "'sample' must yield objects of benchmark.contracts.generator.Batch, it gave "
                    f"{type(batch).__name__}. Expected: yield Batch(images)."
                )
            yield batch


@contextlib.contextmanager
def _told_of_a_missing_fit(desk: Desk) -> Iterator[None]:
    """Say what is wrong where a generator looks for what its `fit`, which was never called, would have left."""
    try:
        yield
    except FileNotFoundError as error:
        if "fit" in desk.inputs or str(desk.scratch) not in str(error):
            raise
        raise ContractFault(
            f"{describe(error)}. What 'sample' finds in context.folder is left by 'fit', which was not called: the "
            "entry does not say 'fits_on: train'."
        ) from error


def _reduced(images: NDArray[np.uint8], by: Resize | None) -> NDArray[np.uint8]:
    """Return a copy of images, since generators may fill one buffer again and again; brought down where it is large."""
    if by is None or max(images.shape[1:3]) <= by.resize:
        return images.copy()
    return by.apply(images)


def _check(batch: Batch, made: tuple[int, ...] | None) -> None:
    images = batch.images
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
        found = f"{getattr(images, 'dtype', type(images).__name__)} of shape {getattr(images, 'shape', '?')}"
        raise ContractFault(f"expected uint8 RGB of shape (B, H, W, 3), the generator gave {found}.")
    if made is not None and images.shape[1:3] != made:
        raise ContractFault(f"images of one set must have one size, found {(*made, 3)} and {images.shape[1:]}.")
    if batch.prompts is not None and len(batch.prompts) != len(images):
        raise ContractFault(f"{len(images)} images came with {len(batch.prompts)} prompts.")


def _check_slides(batch: Batch, config: SampleConfig) -> None:
    if batch.slides is None:
        return
    if not config.generator.reads:
        # Its images would be left out in other groups than those of all other generators, and not compared.
        raise ContractFault("images came with slides, but the entry says under 'reads' that it reads none.")
    if len(batch.slides) != len(batch.images):
        raise ContractFault(f"{len(batch.images)} images came with {len(batch.slides)} slides.")


def _check_count(count: int, wanted: Requests) -> None:
    if count != len(wanted):
        raise ContractFault(f"{len(wanted)} images were asked for, the generator gave {count}.")
