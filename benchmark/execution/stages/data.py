"""Make or index a dataset."""

from __future__ import annotations

from typing import cast

from benchmark.artifacts import dataset_index
from benchmark.execution.desk import Desk, make_dataset
from benchmark.plan.steps import DataConfig


def run(desk: Desk) -> None:
    """Write the dataset's files, where it makes its own, and the index of its images."""
    spec = cast(DataConfig, desk.step.config).dataset
    dataset = make_dataset(spec)
    if dataset.made:
        dataset.make(desk.out, desk.progress)
    dataset_index.write(desk.out, dataset, spec.root or desk.out, desk.progress)
