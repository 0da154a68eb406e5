"""What is written beside the files of a finished step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmark import atomic, digests
from benchmark.provenance import Provenance
from benchmark.strict import Strict

NAME = "step.json"
"""File name of a manifest."""


class FileEntry(Strict):
    """One file of an output."""

    sha256: str
    bytes: int


class RunEntry(Strict):
    """How a step was run; no part of what it made."""

    invocation: str
    started: str
    wall_s: float
    """Seconds, with those of earlier attempts that it went on from."""
    provenance: Provenance


class Manifest(Strict):
    """A finished step: its recipe, its files and their digests."""

    format: int = 1
    kind: str
    title: str
    key: str
    recipe: dict[str, Any]
    files: dict[str, FileEntry]
    digest: str
    """Digest over all files."""
    run: RunEntry


def describe_files(folder: Path) -> dict[str, FileEntry]:
    """Return the files below a folder, by relative path."""
    return {
        str(path.relative_to(folder)): FileEntry(sha256=digests.of_file(path), bytes=path.stat().st_size)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / NAME
    }


def digest_of(files: dict[str, FileEntry]) -> str:
    """Return the digest over files."""
    return digests.of_files({name: entry.sha256 for name, entry in files.items()})


def is_sound(manifest: Manifest, key: str) -> bool:
    """Tell whether a manifest fits itself and the key it stands under."""
    recipe = digests.of_value(manifest.recipe)
    return manifest.key == recipe == key and manifest.digest == digest_of(manifest.files)


def write(folder: Path, manifest: Manifest) -> None:
    """Write a manifest into a folder."""
    atomic.write_json(folder / NAME, manifest.model_dump(mode="json"))


def read(folder: Path) -> Manifest:
    """Return the manifest of a folder.

    Raises:
        OSError: If there is none.
        pydantic.ValidationError: If it is damaged.
    """
    return Manifest.model_validate_json((folder / NAME).read_bytes())
