"""Features of one role under one extractor and protocol."""

from __future__ import annotations

from pathlib import Path

from benchmark.artifacts import arrays
from benchmark.contracts.task import Features


def write(folder: Path, features: Features) -> None:
    """Write features, labels and, where there are any, slides and rows in full precision."""
    arrays.save(folder / "features.npy", features.values)
    arrays.save(folder / "labels.npy", features.labels)
    if features.slides is not None:
        arrays.save(folder / "slides.npy", features.slides)
    if features.exact is not None:
        arrays.save(folder / "exact.npy", features.exact)


def read(folder: Path) -> Features:
    """Return features; their values stay on disk until read."""
    slides, exact = folder / "slides.npy", folder / "exact.npy"
    return Features(
        values=arrays.load(folder / "features.npy", mapped=True),
        labels=arrays.load(folder / "labels.npy"),
        slides=arrays.load(slides) if slides.exists() else None,
        exact=arrays.load(exact) if exact.exists() else None,
    )
