"""Where an evaluation is written down in the store: links to the images, the suite, the registry, what was seen."""

from __future__ import annotations

import json
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from benchmark import atomic, digests
from benchmark.datasets import given
from benchmark.errors import UserError
from benchmark.evaluation.looking import Looked, Part

FOLDER = "evaluations"
"""Folder of the store that holds one for each."""
DATA, REGISTRY, SEEN = "data", "registry.yaml", "seen.json"
"""In it: the data root, the entry of the synthetic images, and what was seen of all images."""

_MAKING = ".making-"
_LONG_AGO_S = 24 * 3600


@contextmanager
def staged(base: Path) -> Iterator[Path]:
    """Yield an empty folder beside the evaluations of a folder; it is gone afterwards, unless it was moved."""
    base.mkdir(parents=True, exist_ok=True)
    _clear(base)
    made = base / f"{_MAKING}{secrets.token_hex(6)}"
    made.mkdir()
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _clear(base: Path) -> None:
    """Remove what was left by a kill long ago."""
    for path in base.glob(f"{_MAKING}*"):
        if time.time() - path.stat().st_mtime > _LONG_AGO_S:
            shutil.rmtree(path, ignore_errors=True)


def link(root: Path, sets: Sequence[Looked], tables: Mapping[Part, Path | None]) -> None:
    """Link the places of real images, and tables of their labels, under a data root, as `Given` reads them."""
    root.mkdir(parents=True, exist_ok=True)
    for one in sets:
        # Not resolved: a link's own name has the suffix, and what it leads to may have none.
        files = [one.place.absolute(), *(path.absolute() for path in one.beside)]
        for path in files:
            end = "" if path.is_dir() else path.suffix if len(files) == 1 else f"_{path.stem[-1]}{path.suffix}"
            (root / f"{one.part}{end}").symlink_to(path)
        if (table := tables.get(one.part)) is not None:
            (root / f"{one.part}{given.TABLE}{table.suffix}").symlink_to(table.absolute())


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
        name: Of the suite and the row; the folder's has a digest of the places too.

    Returns:
        The folder.

    Raises:
        UserError: If another set of images has the name.
    """
    places = {part: about["place"] for part, about in seen.items()}
    place = staging.parent / f"{name}-{digests.of_value(places)[:8]}"
    _refuse_another(staging.parent, name, places)
    if suite is not None:
        atomic.write_text(staging / f"{suite['name']}.yaml", yaml.safe_dump(dict(suite), sort_keys=False))
    atomic.write_text(staging / REGISTRY, yaml.safe_dump(dict(entries), sort_keys=False))
    atomic.write_json(staging / SEEN, dict(seen))
    if place.exists():
        old = place.with_name(f"{_MAKING}{secrets.token_hex(6)}")
        place.rename(old)
        shutil.rmtree(old, ignore_errors=True)
    staging.rename(place)
    return place


def _refuse_another(base: Path, name: str, places: Mapping[str, str]) -> None:
    """Refuse a name that stands for other synthetic images beside the same real ones: theirs would lose their row."""
    for path in base.glob(f"{name}-????????/{SEEN}"):
        before = {part: about["place"] for part, about in json.loads(path.read_text(encoding="utf-8")).items()}
        others = {**before, "synthetic": places["synthetic"]}
        if others == places and before != places:
            raise UserError(
                f"In this store a row of this name stands for the images of {before['synthetic']}, and would be "
                f"replaced. Give those of {places['synthetic']} another name: --name NAME."
            )
