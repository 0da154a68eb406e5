"""What is known of real images that are not here: classes and size, labels and slides by role, no image."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark import atomic
from benchmark.artifacts import arrays, dataset_index
from benchmark.contracts.dataset import Layout
from benchmark.contracts.images import Images
from benchmark.errors import UserError
from benchmark.references.folder import Reference
from benchmark.suite.schema import RoleEntry

_ABOUT, _LAYOUT, _ROLES = "reference.json", "layout.json", "roles.json"


class NoImages:
    """Where pixels would come from."""

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Refuse.

        Raises:
            UserError: Always.
        """
        raise UserError("An imported reference holds no images, only features and labels. --data-root names images.")


def write(folder: Path, reference: Reference) -> None:
    """Write what a reference says of its images, beside the identity that other datasets have.

    Raises:
        UserError: If a file of the reference is not what was imported.
    """
    manifest = reference.manifest
    dataset_index.write_identity(folder, manifest.identity, manifest.dataset.codec)
    about = {"digest": reference.digest, "suite": manifest.suite.identifier, "histobench": manifest.histobench}
    atomic.write_json(folder / _ABOUT, about | manifest.platform.model_dump())
    atomic.write_json(folder / _LAYOUT, {"classes": manifest.layout.classes, "side": manifest.layout.side})
    roles = []
    for role, part in manifest.roles.items():
        arrays.save(folder / f"{role}-labels.npy", reference.labels(role))
        slides = reference.slides(role)
        if slides is not None:
            arrays.save(folder / f"{role}-slides.npy", slides)
        digest = f"reference/{reference.digest}/{role}"
        roles.append({"role": role, "entry": part.entry.model_dump(mode="json"), "digest": digest})
    atomic.write_json(folder / _ROLES, roles)


def read_about(folder: Path) -> dict[str, str]:
    """Return which reference it is: its digest, its suite's identifier, and what its features were made by and on."""
    found: dict[str, str] = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    return found


def read_layout(folder: Path) -> Layout | None:
    """Return what all images have in common; None where the folder is of a dataset with images."""
    path = folder / _LAYOUT
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    return Layout(classes=tuple(found["classes"]), side=found["side"])


def read_role(folder: Path, entry: RoleEntry, classes: tuple[str, ...]) -> Images:
    """Return the images that play a role; their pixels cannot be read.

    Raises:
        UserError: If the reference has no such role.
    """
    wanted = entry.model_dump(mode="json")
    for found in json.loads((folder / _ROLES).read_text(encoding="utf-8")):
        if found["entry"] == wanted:
            labels = arrays.load(folder / f"{found['role']}-labels.npy")
            slides = folder / f"{found['role']}-slides.npy"
            return Images(
                source=NoImages(),
                rows=np.arange(len(labels), dtype=np.int64),
                labels=labels,
                classes=classes,
                slides=arrays.load(slides) if slides.exists() else None,
                digest=found["digest"],
            )
    raise UserError(f"The imported reference has no role of split '{entry.split}', part {list(entry.part)}.")
