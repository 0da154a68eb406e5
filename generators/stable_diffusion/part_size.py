"""How many images fit into memory at once: found once, and kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import find_executable_batch_size

from benchmark import atomic

_FOUND = "at-once.json"


def found(scratch: Path, most: int, attempt: Callable[[int], None]) -> int:
    """Return the greatest of `most`, a half, a quarter, ... of which an attempt does not run out of memory.

    Args:
        scratch: Survives a kill: a training that goes on takes what it took before.
        most: Images of a step.
        attempt: Works on so many images.

    Raises:
        RuntimeError: If not even one image fits.
    """
    kept = scratch / _FOUND
    if kept.exists():
        return int(json.loads(kept.read_text())["at_once"])
    size = most

    def halved() -> int:
        nonlocal size
        size //= 2
        return size

    @find_executable_batch_size(starting_batch_size=most, reduce_batch_size_fn=halved)  # type: ignore[untyped-decorator]
    def work(at_once: int) -> int:
        attempt(at_once)
        return at_once

    result = int(work())
    atomic.write_json(kept, {"at_once": result})
    return result


def room_for_moments(parameters: list[Any]) -> list[torch.Tensor]:
    """Return as much memory as an optimizer that has not taken a step yet will take: two moments a weight."""
    return [torch.empty_like(parameter) for parameter in parameters for _ in range(2)]
