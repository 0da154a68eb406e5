"""Turn the images of one role into features."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from benchmark.artifacts import features, image_set
from benchmark.contracts.extractor import Extractor
from benchmark.contracts.images import Images
from benchmark.contracts.progress import Progress, silent
from benchmark.contracts.task import Features
from benchmark.errors import UserError
from benchmark.execution import prefetch
from benchmark.execution.desk import Desk, OpenDataset, open_reference
from benchmark.execution.failures import ContractFault
from benchmark.plan import stand_ins
from benchmark.plan.steps import EmbedConfig
from benchmark.protocol import view
from benchmark.protocol.definition import Protocol

BATCH = 128
"""Images read at once."""
_EXACT = 256
"""Rows that are embedded in float32 too, where an extractor computes in less: enough to see how far it drifts."""


def run(desk: Desk) -> None:
    """Write the features of one role's images, after the protocol."""
    config = cast(EmbedConfig, desk.step.config)
    dataset = desk.dataset()
    if config.role is not None and config.reference is not None:
        features.write(desk.out, _imported(desk, config, dataset.role(config.role)))
        return
    if config.role is not None:
        images = view.apply(dataset.role(config.role), config.protocol)
    else:
        images = synthetic(desk, dataset, config.protocol)
    extractor = desk.toolbox.extractor(config.extractor)
    values = embed(images, extractor, desk.progress)
    exact = _in_float32(images, extractor)
    features.write(desk.out, Features(values=values, labels=images.labels, slides=images.slides, exact=exact))


def _imported(desk: Desk, config: EmbedConfig, images: Images) -> Features:
    """Return the features that an imported reference has of a role.

    Raises:
        UserError: If it has none, or not what was imported.
    """
    spec = desk.dataset_spec.reference
    assert spec is not None
    found = open_reference(spec)
    place = stand_ins.place_of(config.extractor, found)
    role = next((role for role in found.manifest.features if found.manifest.roles[role].entry == config.role), None)
    if place is None or role is None:
        raise UserError(f"{found.describe()} holds no such features.")
    return Features(
        values=found.features(place, role),
        labels=images.labels,
        slides=images.slides,
        exact=found.exact(place, role),
    )


def embed(images: Images, extractor: Extractor, progress: Progress) -> NDArray[np.float32]:
    """Return the features of images, float32, shape (N, D).

    Raises:
        ContractFault: If the extractor returns another shape than it says, or numbers that are not finite.
    """
    values = np.empty((len(images), extractor.width), np.float32)
    for start, batch in prefetch.batches(images, BATCH, prefetch.Waiting()):
        stop = start + len(batch)
        found = extractor.embed(batch)
        if found.shape != (stop - start, extractor.width):
            raise ContractFault(f"expected features of shape {(stop - start, extractor.width)}, found {found.shape}.")
        values[start:stop] = found
        progress(stop, len(images), "images embedded")
    if not np.isfinite(values).all():
        raise ContractFault("features that are not finite.")
    return values


def _in_float32(images: Images, extractor: Extractor) -> NDArray[np.float32] | None:
    """Return the first rows in float32 where the extractor computes in less, None where it does not."""
    exact: Extractor | None = getattr(extractor, "in_float32", lambda: None)()
    if exact is None:
        return None
    return embed(images.take(np.arange(min(_EXACT, len(images))), digest=""), exact, silent)


def synthetic(desk: Desk, dataset: OpenDataset, protocol: Protocol) -> Images:
    """Return the images of the step's shards, after the protocol."""
    shards = [desk.inputs[name].folder for name in sorted(desk.inputs) if name.startswith("shard/")]
    images = image_set.open_shards(shards, dataset.classes)
    return view.apply(images, protocol, synthetic_in=dataset.stored_as)
