"""The part of the platform that may change a result."""

from __future__ import annotations

import importlib.metadata
from typing import Literal

from benchmark.errors import UserError
from benchmark.strict import Strict

Device = Literal["cpu", "cuda"]


class Platform(Strict):
    """Goes into every key: results of unlike platforms are never taken for each other."""

    device: Device
    """Kind of device."""
    torch: str
    """Major and minor version of torch."""
    diffusers: str
    """Major and minor version of diffusers."""


def current(device: str) -> Platform:
    """Return the platform of this process.

    Args:
        device: ``cpu``, ``cuda``, or ``auto`` for a CUDA device where there is one.

    Raises:
        UserError: If a CUDA device is asked for and there is none.
    """
    return Platform(device=_device(device), torch=_minor("torch"), diffusers=_minor("diffusers"))


def _device(wanted: str) -> Device:
    if wanted == "cpu":
        return "cpu"
    if wanted not in ("cuda", "auto"):
        raise UserError(f"--device {wanted}: expected 'auto', 'cpu' or 'cuda'.")
    if _cuda_is_there():
        return "cuda"
    if wanted == "cuda":
        raise UserError("--device cuda: torch sees no CUDA device here. Use '--device cpu'.")
    return "cpu"


def _cuda_is_there() -> bool:
    """Ask the driver itself, so that planning on a machine without one never loads torch."""
    from pathlib import Path

    if not any(Path("/proc/driver").glob("nvidia*")) and not Path("/dev/nvidiactl").exists():
        return False
    import torch

    return bool(torch.cuda.is_available())


def _minor(package: str) -> str:
    return ".".join(importlib.metadata.version(package).split(".")[:2])
