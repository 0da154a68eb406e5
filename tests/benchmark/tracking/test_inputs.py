"""The datasets of a row, as MLflow then has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmark.records.schema import Record
from benchmark.tracking.courier import Courier
from benchmark.tracking.rows import Row
from benchmark.tracking.target import Target

Seen = Callable[..., list[Any]]


def test_datasets_are_told_by_role(courier: Courier, place: Target, record: Record, seen: Seen) -> None:
    """Each role of the suite is an input, with its part of its split."""
    courier.deliver(Row((record,)))
    (run,) = seen(place.uri)
    found = {}
    for one in run.inputs.dataset_inputs:
        tags = {tag.key: tag.value for tag in one.tags}
        found[tags["mlflow.data.context"]] = (one.dataset.name, tags["split"], tags["part"])
        assert one.dataset.digest == record.dataset.identity.digest[:36]
    assert found == {
        "train": ("toy (train)", "train", "0.0 to 1.0"),
        "reference": ("toy (reference)", "valid", "0.0 to 0.5"),
        "floor": ("toy (floor)", "valid", "0.5 to 1.0"),
        "test": ("toy (test)", "test", "0.0 to 1.0"),
    }
