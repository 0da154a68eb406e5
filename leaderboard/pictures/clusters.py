"""Real training images of each cluster, for a variant whose prompts or whose fit left a clustering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.artifacts import clustering
from benchmark.artifacts.clustering import About, Clustering
from benchmark.contracts.images import Images
from benchmark.errors import UserError
from benchmark.records.schema import Record
from benchmark.store.store import Store
from leaderboard.pictures.samples import UNREADABLE

_STAGES = ("prompts", "fit")
"""Stages that may leave a clustering: one made for prompts, or a generator's own."""
_DAMAGED = "the training images in the store cannot be read"


@dataclass(frozen=True)
class Cluster:
    """One cluster of the training images."""

    number: int
    size: int
    """Training images in it."""
    labels: tuple[tuple[str, int], ...]
    """How many of them have each label, labels without any left out."""
    images: NDArray[np.uint8] | None
    """Its first training images, uint8 RGB, shape (n, H, W, 3); None where they cannot be shown."""


@dataclass(frozen=True)
class Clusters:
    """A clustering as a page shows it."""

    seed: int
    about: About
    clusters: tuple[Cluster, ...]
    missing: str | None
    """Why there are no images; None where there are."""


def read(store: Store, records: Sequence[Record], *, most: int) -> Clusters | None:
    """Return the clustering of the least seed for which the store still holds one; None where there is none.

    Args:
        store: The store.
        records: Records of one variant.
        most: Images a cluster.
    """
    for record in sorted(records, key=lambda record: record.seed):
        try:
            for stage in _STAGES:
                folder = _folder(store, record, stage)
                found = None if folder is None else clustering.read(folder)
                if found is not None:
                    return _shown(store, record, found, most)
        except UNREADABLE:
            continue
    return None


def _shown(store: Store, record: Record, found: Clustering, most: int) -> Clusters:
    images, missing = _training_images(store, record)
    if images is not None and len(images) != len(found.assignments):
        images, missing = None, "the training images in the store are not those that were clustered"
    try:
        clusters = _clusters(found, images, most)
    except (*UNREADABLE, UserError):
        # Pixels are read only now, and the sizes are known without them.
        clusters, missing = _clusters(found, None, most), _DAMAGED
    return Clusters(record.seed, found.about, clusters, missing)


def _clusters(found: Clustering, images: Images | None, most: int) -> tuple[Cluster, ...]:
    sizes = found.sizes()
    return tuple(
        _cluster(number, int(size), images, np.flatnonzero(found.assignments == number), most)
        for number, size in enumerate(sizes)
    )


def _cluster(number: int, size: int, images: Images | None, members: NDArray[np.int64], most: int) -> Cluster:
    if images is None or not size:
        return Cluster(number, size, (), None)
    counts = np.bincount(images.labels[members], minlength=len(images.classes))
    labels = tuple((name, int(count)) for name, count in zip(images.classes, counts, strict=True) if count)
    pixels = images.source.read(images.rows[members[:most]])
    return Cluster(number, size, labels, pixels)


def _training_images(store: Store, record: Record) -> tuple[Images | None, str | None]:
    """Return the images the variant was fitted on, or why they cannot be shown.

    Only a dataset that an installed package offers under the record's name is opened, and only files that lie in
    the store: a record names no code and no place.
    """
    from benchmark.execution.desk import OpenDataset
    from benchmark.registry import discovery

    folder, role = _folder(store, record, "data"), record.variant.fits_on
    name = record.dataset.name
    if folder is None or role is None or role not in record.dataset.roles:
        return None, "the store no longer holds the dataset's index"
    if name not in discovery.datasets():
        return None, f"no installed package offers the dataset '{name}'"
    factory = discovery.datasets().load(name)
    if not factory.made:
        return None, "the real images are not in the store"
    try:
        dataset = factory(**record.dataset.params)
        return OpenDataset(dataset, folder, folder).role(record.dataset.roles[role]), None
    except (*UNREADABLE, UserError):
        return None, _DAMAGED


def _folder(store: Store, record: Record, kind: str) -> Path | None:
    key = next((step.key for step in record.steps if step.kind == kind), None)
    return store.folder_of(kind, key) if key is not None and store.has(kind, key) else None
