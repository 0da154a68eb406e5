"""Turn the images of one role into features."""

from __future__ import annotations

from typing import cast

import numpy as np

from benchmark.artifacts import features, image_set
from benchmark.contracts.images import Images
from benchmark.contracts.task import Features
from benchmark.execution.desk import Desk, OpenDataset
from benchmark.execution.failures import ContractFault
from benchmark.plan.steps import EmbedConfig
from benchmark.protocol import view
from benchmark.protocol.definition import Protocol

_BATCH = 128


def run(desk: Desk) -> None:
    """Write the features of one role's images, after the protocol."""
    config = cast(EmbedConfig, desk.step.config)
    dataset = desk.dataset()
    if config.role is not None:
        images = view.apply(dataset.role(config.role), config.protocol)
    else:
        images = synthetic(desk, dataset, config.protocol)
    extractor = desk.toolbox.extractor(config.extractor)
    values = np.empty((len(images), extractor.width), np.float32)
    for start in range(0, len(images), _BATCH):
        stop = min(start + _BATCH, len(images))
        found = extractor.embed(images.read(start, stop))
        if found.shape != (stop - start, extractor.width):
            raise ContractFault(f"expected features of shape {(stop - start, extractor.width)}, found {found.shape}.")
        values[start:stop] = found
        desk.progress(stop, len(images), "images embedded")
    if not np.isfinite(values).all():
        raise ContractFault("features that are not finite.")
    features.write(desk.out, Features(values=values, labels=images.labels, slides=images.slides))


def synthetic(desk: Desk, dataset: OpenDataset, protocol: Protocol) -> Images:
    """Return the images of the step's shards, after the protocol."""
    shards = [desk.inputs[name].folder for name in sorted(desk.inputs) if name.startswith("shard/")]
    images = image_set.open_shards(shards, dataset.classes)
    return view.apply(images, protocol, synthetic_in=dataset.stored_as)
