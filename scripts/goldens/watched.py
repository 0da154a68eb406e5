"""What is watched, and outputs as JSON values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark import digests


class Watched(NamedTuple):
    """A stage or a part whose output is watched."""

    version: int
    raised_in: str
    """Where its version is, for the message."""
    output: Callable[[], Any]
    """Returns what it makes, as a JSON value."""


def files(folder: Path) -> dict[str, Any]:
    """Return what each file below a folder holds, however its library lays it out; `step.json` is left out."""
    return {
        str(path.relative_to(folder)): _content(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "step.json"
    }


def exact(array: NDArray[Any]) -> list[Any]:
    """Return type, shape and digest of an array's values."""
    ordered = np.ascontiguousarray(array)
    return [array.dtype.str, list(array.shape), hashlib.sha256(ordered.tobytes()).hexdigest()]


def rounded(array: NDArray[Any]) -> list[Any]:
    """Return type, shape and values of an array to six digits."""
    return [array.dtype.str, list(array.shape), [digits(value) for value in array.ravel()]]


def digits(value: float) -> float:
    """Return a number to six digits."""
    return float(f"{float(value):.6g}")


def _content(path: Path) -> Any:
    if path.suffix == ".npy":
        return exact(np.load(path, allow_pickle=False))
    if path.suffix == ".json":
        return digests.of_value(json.loads(path.read_text(encoding="utf-8")))
    return digests.of_file(path)
