"""Make or index a dataset."""

from __future__ import annotations

from typing import cast

from benchmark.artifacts import dataset_index, packed_index
from benchmark.execution.desk import Desk, make_dataset, open_reference
from benchmark.plan.steps import DataConfig


def run(desk: Desk) -> None:
    """Write the dataset's files, where it makes its own, and the index of its images.

    Of a dataset for whose images a reference stands in, what that knows of them is written in place of the index.
    """
    spec = cast(DataConfig, desk.step.config).dataset
    if spec.reference is not None:
        packed_index.write(desk.out, open_reference(spec.reference))
        return
    dataset = make_dataset(spec)
    if dataset.made:
        dataset.make(desk.out, desk.progress)
    dataset_index.write(desk.out, dataset, spec.root or desk.out, desk.progress)
