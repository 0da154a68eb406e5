"""Packed references made up by hand: four arrays of a dozen rows, and every way to spoil them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.references import archive
from benchmark.references import manifest as manifests
from benchmark.references.manifest import Manifest

SUITE: dict[str, Any] = {
    "name": "mine", "version": 1, "summary": "Mine.", "dataset": {"name": "pcam", "params": {}},
    "roles": {"train": {"split": "train"}, "reference": {"split": "valid"}},
    "protocol": {"size": 32, "filter": "lanczos", "codec": "dataset"}, "extractors": ("net",),
    "variants": ("noise",), "tasks": {"fidelity": {}}, "n": 4, "seeds": (0,),
}  # fmt: skip
LABELS, SLIDES = "roles/reference/labels.npy", "roles/reference/slides.npy"
FEATURES, EXACT = "features/0/reference/features.npy", "features/0/reference/exact.npy"


def arrays() -> dict[str, NDArray[Any]]:
    """The arrays of a pack: six training images, eight of the reference on four slides, five features each."""
    rows = np.random.default_rng(0).normal(size=(8, 5)).astype("<f4")
    return {
        "roles/train/labels.npy": np.array([0, 0, 0, 0, 1, 1], "<i8"),
        LABELS: np.array([0, 1] * 4, "<i8"),
        SLIDES: np.array(["a", "b", "c", "d"] * 2),
        FEATURES: rows,
        EXACT: rows[:3].copy(),
    }


def saved(array: NDArray[Any]) -> bytes:
    """An array as the bytes of its file."""
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def described(files: Mapping[str, bytes], **changes: Any) -> dict[str, Any]:
    """What a pack says of itself, as plain values."""
    return {
        "format": 1,
        "suite": SUITE,
        "dataset": {
            "name": "pcam", "target": "benchmark.datasets.pcam:Pcam", "version": 1, "params": {}, "files": "f" * 64,
            "identity": {"name": "PCam of a lab", "digest": "d" * 64, "official": False, "caution": ""},
            "codec": "none", "classes": ("healthy", "cancer"), "side": 96,
        },
        "platform": {"device": "cuda", "torch": "2.9", "diffusers": "0.36"},
        "histobench": "0.1.0",
        "roles": {
            "train": {"entry": SUITE["roles"]["train"], "n": 6},
            "reference": {"entry": SUITE["roles"]["reference"], "n": 8},
        },
        "features": ("reference",),
        "extractors": (
            {"name": "net", "target": "lib.net:Net", "version": 1, "params": {}, "source": None, "weights": "a" * 64,
             "width": 5},
        ),
        "slides": "named",
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in files.items()
        },
        "made": {"when": "2026-01-01T00:00:00.000+00:00", "accelerator": None},
    } | changes  # fmt: skip


def parsed(**changes: Any) -> Manifest:
    """The manifest of the pack, with parts of it changed."""
    files = {name: saved(array) for name, array in arrays().items()}
    return manifests.parse(json.dumps(described(files, **changes)).encode(), where="x.zip")


def write(path: Path, *, change: Mapping[str, NDArray[Any] | bytes | None] = {}, **changes: Any) -> Path:
    """Write a sound pack of other arrays (None for none), of which the manifest tells the truth but for `changes`."""
    found: dict[str, Any] = {**arrays(), **change}
    files = {
        name: content if isinstance(content, bytes) else saved(content)
        for name, content in found.items()
        if content is not None
    }
    return packed(path, {manifests.NAME: json.dumps(described(files, **changes)).encode(), **files})


def packed(path: Path, entries: Mapping[str, bytes], *, kind: int = zipfile.ZIP_STORED) -> Path:
    """Write entries as an archive, whatever they are."""
    with zipfile.ZipFile(path, "w", kind) as written:
        for name, content in entries.items():
            written.writestr(name, content)
    return path


def entries(path: Path) -> dict[str, bytes]:
    """The entries of an archive."""
    with zipfile.ZipFile(path) as found:
        return {entry.filename: found.read(entry) for entry in found.infolist()}


def unpacked(folder: Path, **more: Any) -> Path:
    """Lay a pack out as an imported reference below a folder; return its own folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pack = write(folder / ".pack.zip", **more)
    work = folder / ".work"
    manifest = archive.unpack(pack, work)
    pack.unlink()
    return work.rename(folder / manifest.digest)
