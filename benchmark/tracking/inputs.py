"""The datasets of a row, as MLflow's dataset inputs: one a role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmark.records.schema import Record

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput

_DIGEST = 36
"""Longest digest MLflow takes, in characters."""
_CONTEXT = "mlflow.data.context"


def of(record: Record) -> list[DatasetInput]:
    """Return one input for each role of the record's suite.

    MLflow knows a dataset by name and digest, so the role is a part of the name; which part of a split it is goes
    into the tags of the input.
    """
    from mlflow.entities import Dataset, DatasetInput, InputTag

    identity = record.dataset.identity
    source = json.dumps({"dataset": record.dataset.name, "params": record.dataset.params, "digest": identity.digest})
    return [
        DatasetInput(
            dataset=Dataset(f"{identity.name} ({role})"[:500], identity.digest[:_DIGEST], "code", source),
            tags=[
                InputTag(_CONTEXT, role),
                InputTag("split", entry.split),
                InputTag("part", f"{entry.part[0]} to {entry.part[1]}"),
                InputTag("by", entry.by),
                InputTag("n", "all" if entry.n is None else str(entry.n)),
            ],
        )
        for role, entry in record.dataset.roles.items()
    ]
