"""Estimates of what steps write, so that a plan knows its disk need beforehand."""

from __future__ import annotations

from pathlib import Path

from benchmark.contracts.dataset import Released, Split
from benchmark.errors import UserError
from benchmark.plan.specs import DatasetSpec
from benchmark.references import folder as references
from benchmark.registry import discovery
from benchmark.suite.schema import RoleEntry

MEASUREMENT = 1_000_000
"""Bytes allowed for a task's baseline or values."""

PROMPTS = 10_000_000
"""Bytes allowed for the prompts of a training set and the clustering behind them."""

_WIDEST = 2048
"""Features a row of features is assumed to hold."""


def of_images(count: int, side: int) -> int:
    """Return the bytes of `count` uncompressed RGB images and their manifest rows."""
    return count * (side * side * 3 + 400)


def of_features(count: int) -> int:
    """Return the bytes of `count` rows of float32 features, labels and slides."""
    return count * (_WIDEST * 4 + 100)


def of_dataset(spec: DatasetSpec) -> int:
    """Return the bytes a dataset writes."""
    return discovery.datasets().load(spec.name)(**spec.params).made_bytes()


def of_role(spec: DatasetSpec, entry: RoleEntry) -> int | None:
    """Return about how many images play a role, duplicates that are left out included; None where only files tell."""
    released: Released | None = getattr(discovery.datasets().load(spec.name), "released", None)
    if released is None:
        return entry.n
    low, high = entry.part
    there = round(_in_split(spec, entry.split, released) * (high - low))
    return there if entry.n is None else min(there, entry.n)


def _in_split(spec: DatasetSpec, split: Split, released: Released) -> int:
    """Return the images of a split: of the files that are here, which may be another copy; else of the release."""
    if spec.root is None:
        return released.images[split]
    try:
        return len(discovery.datasets().load(spec.name)(**spec.params).open(spec.root, split))
    except UserError:  # What is wrong with the files is told where they are read.
        return released.images[split]


def side_of(spec: DatasetSpec) -> int | None:
    """Return the side in pixels at which a dataset stores its images; None where only its files, once made, tell."""
    made = discovery.datasets().load(spec.name)(**spec.params)
    try:
        if spec.reference is not None:
            return references.read(spec.reference.folder).manifest.dataset.side
        return int(made.layout(spec.root or Path()).side)
    except (UserError, OSError):
        return None
