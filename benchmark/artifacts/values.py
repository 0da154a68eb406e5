"""Measured values on disk."""

from __future__ import annotations

from pathlib import Path

import pydantic

from benchmark import atomic
from benchmark.contracts.task import Value

_NAME = "values.json"
_LIST = pydantic.TypeAdapter(list[Value])


def write(folder: Path, values: list[Value]) -> None:
    """Write the values of one measurement."""
    atomic.write_bytes(folder / _NAME, _LIST.dump_json(values, indent=2))


def read(folder: Path) -> list[Value]:
    """Return the values of one measurement."""
    return _LIST.validate_json((folder / _NAME).read_bytes())
