"""Where an evaluation is written down in the store: links to the images, the suite, the registry, what was seen."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from benchmark import atomic, strict
from benchmark.datasets import given
from benchmark.datasets.checking import hdf5
from benchmark.errors import UserError
from benchmark.evaluation.looking import Looked, Part

FOLDER = "evaluations"
"""Folder of the store that holds one for each."""
DATA, REGISTRY, SEEN = "data", "registry.yaml", "seen.json"
"""In it: the data root, the entry of the synthetic images, and what was seen of all images."""


@contextmanager
def staged(base: Path) -> Iterator[Path]:
    """Yield an empty folder beside the evaluations of a folder; it is gone afterwards, unless it was moved."""
    base.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".making-", dir=base))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def link(root: Path, sets: Sequence[Looked], tables: Mapping[Part, Path | None]) -> None:
    """Link the places of real images, and tables of their labels, under a data root, as `Given` reads them."""
    root.mkdir(parents=True, exist_ok=True)
    for one in sets:
        place = one.place.resolve()
        files = [place, *(hdf5.files_beside(place) if place.suffix.lower() in (".h5", ".hdf5") else ())]
        for path in files:
            end = path.name.removeprefix(path.stem) if len(files) == 1 else f"_{path.stem[-1]}{path.suffix}"
            (root / f"{one.part}{'' if path.is_dir() else end}").symlink_to(path)
        if (table := tables.get(one.part)) is not None:
            (root / f"{one.part}{given.TABLE}{table.suffix}").symlink_to(table.resolve())


def write(
    staging: Path, *, suite: Mapping[str, Any] | None, entries: Mapping[str, Any], seen: Mapping[str, Any],
    name: str,
) -> Path:  # fmt: skip
    """Write what was planned into a staging folder and put it into its place.

    Args:
        staging: Holds the data root already, where there is one.
        suite: As it stands in a file; None where a suite of another's is measured by.
        entries: The registry.
        seen: What was seen of the images.
        name: Name of the folder, of the suite and the row.

    Returns:
        The folder.

    Raises:
        UserError: If another set of images has the name.
    """
    place = staging.parent / name
    _refuse_another(place, entries)
    if suite is not None:
        atomic.write_text(staging / f"{suite['name']}.yaml", yaml.safe_dump(dict(suite), sort_keys=False))
    atomic.write_text(staging / REGISTRY, yaml.safe_dump(dict(entries), sort_keys=False))
    atomic.write_json(staging / SEEN, dict(seen))
    if place.exists():
        old = Path(tempfile.mkdtemp(prefix=".old-", dir=place.parent))
        os.replace(place, old / "old")  # noqa: PTH105
        shutil.rmtree(old, ignore_errors=True)
    staging.rename(place)
    return place


def _refuse_another(place: Path, entries: Mapping[str, Any]) -> None:
    """Refuse a name that stands for images of another place: its row would take the place of theirs."""
    if not (place / REGISTRY).exists():
        return
    before = strict.read_yaml(place / REGISTRY)
    for name, entry in entries.items():
        known = (before.get(name) or {}).get("weights", {}).get("images")
        if known is not None and known != entry["weights"]["images"]:
            raise UserError(
                f"In this store '{name}' stands for the images of {known}, whose row would be replaced. Give those of "
                f"{entry['weights']['images']} another name: --name NAME."
            )
