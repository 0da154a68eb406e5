"""References that were imported: one folder each, named by its digest."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark import digests
from benchmark.contracts.roles import RealRole
from benchmark.errors import UserError
from benchmark.references import contents
from benchmark.references import manifest as manifests
from benchmark.references.manifest import Manifest

SHORT = 12
"""Digits of a digest that people are shown."""


@dataclass(frozen=True)
class Reference:
    """An imported reference."""

    folder: Path
    manifest: Manifest

    @property
    def digest(self) -> str:
        """Return what it is named by."""
        return self.manifest.digest

    @property
    def short(self) -> str:
        """Return the digits that people are shown."""
        return self.digest[:SHORT]

    def describe(self) -> str:
        """Return in words which one it is."""
        manifest = self.manifest
        return f"reference {self.short} of {manifest.suite.identifier} ({manifest.dataset.identity.name})"

    def labels(self, role: RealRole) -> NDArray[np.int64]:
        """Return the class index of each row of a role, shape (N,).

        Raises:
            UserError: If the file is not what was imported.
        """
        return np.array(self._read(manifests.labels_of(role)), np.int64)

    def slides(self, role: RealRole) -> NDArray[np.str_] | None:
        """Return the slide of each row of a role, shape (N,); None where it is not known.

        Raises:
            UserError: If the file is not what was imported.
        """
        name = manifests.slides_of(role)
        return np.array(self._read(name)) if name in self.manifest.files else None

    def features(self, extractor: int, role: RealRole) -> NDArray[np.float32]:
        """Return features, float32, shape (N, D), left on disk until read.

        Args:
            extractor: Place of the extractor in the manifest.
            role: A role of which there are features.

        Raises:
            UserError: If the file is not what was imported.
        """
        return self._read(manifests.features_of(extractor, role))

    def exact(self, extractor: int, role: RealRole) -> NDArray[np.float32] | None:
        """Return the first rows in full precision, float32; None where there are none.

        Raises:
            UserError: If the file is not what was imported.
        """
        name = manifests.exact_of(extractor, role)
        return self._read(name) if name in self.manifest.files else None

    def problems(self) -> Iterator[str]:
        """Yield what is no longer as it was imported; every file is hashed."""
        if self.folder.name != self.digest:
            yield f"{manifests.NAME}: changed since it was imported"
        there = {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}
        for name in sorted(there - set(self.manifest.files) - {manifests.NAME}):
            yield f"{name}: not part of it"
        for name in sorted(self.manifest.files):
            with contextlib.suppress(OSError):
                if self._is_sound(name):
                    continue
            yield f"{name}: {'changed since it was imported' if name in there else 'missing'}"

    def _read(self, name: str) -> NDArray[Any]:
        try:
            if self._is_sound(name):
                return contents.load(self.folder / name)
        except (OSError, ValueError):
            pass
        raise damaged(self.folder, name)

    def _is_sound(self, name: str) -> bool:
        return digests.of_file(self.folder / name) == self.manifest.files[name].sha256


def damaged(folder: Path, name: str) -> UserError:
    """Return what to say of a reference that is no longer as it was imported."""
    return UserError(f"{folder / name} is missing or not what was imported. Import the reference again.")


def read(folder: Path) -> Reference:
    """Return the reference in a folder.

    Raises:
        UserError: If it is damaged.
    """
    path = folder / manifests.NAME
    try:
        found = Reference(folder, manifests.parse(path.read_bytes(), where=str(path)))
    except (OSError, UserError):
        raise damaged(folder, manifests.NAME) from None
    if found.digest != folder.name:
        raise damaged(folder, manifests.NAME)
    return found


def place_of(store: Path) -> Path:
    """Return where a store keeps its references; it need not exist."""
    return store / "references"


def folders(place: Path) -> list[Path]:
    """Return the folders of all references at a place, sorted."""
    # File managers leave files of their own.
    return sorted(path for path in place.glob("*") if path.is_dir() and not path.name.startswith("."))
