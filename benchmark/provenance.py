"""Where a number comes from: code, packages, machine."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

from benchmark.strict import Strict

PACKAGES = (
    "histobench", "torch", "torchvision", "diffusers", "transformers", "accelerate", "timm", "torch-fidelity",
    "numpy", "scipy", "scikit-learn", "pandas", "pillow", "h5py", "safetensors", "mlflow",
)  # fmt: skip
"""Packages whose versions are recorded."""


class Provenance(Strict):
    """The surroundings in which a step was run."""

    commit: str | None
    """Git commit of the code, where it is run from a checkout."""
    dirty: bool | None
    """Whether that checkout had uncommitted changes."""
    packages: dict[str, str]
    """Versions."""
    python: str
    """Version of the interpreter."""
    system: str
    """Operating system and architecture."""
    processor: str
    """Name of the processor."""
    cores: int
    """Processor cores this process may use."""
    threads: int
    """Threads numerical libraries were allowed."""
    accelerator: str | None
    """Name of the accelerator, where one was used."""


@functools.cache
def collect(*, device: str, threads: int) -> Provenance:
    """Return the provenance of what this process does."""
    commit, dirty = _git(Path(__file__).parent)
    return Provenance(
        commit=commit,
        dirty=dirty,
        packages={name: version for name in PACKAGES if (version := _version(name)) is not None},
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        threads=threads,
        accelerator=_accelerator() if device == "cuda" else None,
    )


def _git(folder: Path) -> tuple[str | None, bool | None]:
    """Return the commit and the dirty flag of the checkout that tracks this very file, if one does."""
    if _run(folder, "ls-files", "--error-unmatch", "provenance.py") is None:
        return None, None
    commit = _run(folder, "rev-parse", "HEAD")
    changes = _run(folder, "status", "--porcelain", "--untracked-files=no")
    return commit, None if changes is None else bool(changes)


def _run(folder: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _accelerator() -> str:
    import torch

    return str(torch.cuda.get_device_name(0))
