"""The suite and the registry entry by which one set of images is measured."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.datasets.given import Given
from benchmark.errors import plain
from benchmark.evaluation.counting import FLOOR
from benchmark.evaluation.looking import Looked

ROLES: Mapping[str, dict[str, Any]] = {
    "train": {"split": "train"},
    "reference": {"split": "valid", "part": [0.0, 0.5]},
    "floor": {"split": "valid", "part": [0.5, 1.0]},
    "test": {"split": "test"},
}
"""Which part of the real images plays which role, as in the suites of PCam."""

CEILING = "noise"
"""The control whose numbers are those of images of anything else."""

_MOST_NAMED = 3

VERSION = 1
"""Of suites that are written here; raised when other things are measured of the same images."""


@dataclass(frozen=True)
class Wishes:
    """What a user may choose."""

    name: str
    """Of the row."""
    extractors: tuple[str, ...]
    protocol: str
    """Name of the protocol that the common size goes into."""
    size: int | None = None
    """Common size in pixels; the smaller of the two sides where left out."""
    n: int | None = None
    """Synthetic images; as many as there are and as the floor can match where left out."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the real images call a class of the synthetic ones, where the two differ."""


def suite(
    real: Looked, train: Looked | None, *, wishes: Wishes, size: int, n: int, real_n: int, has_floor: bool,
    dataset: Mapping[str, Any], learnt: bool,
) -> dict[str, Any]:  # fmt: skip
    """Return a suite as it stands in a file.

    Args:
        real: Real images.
        train: Those that the generator was trained on, if they are known.
        wishes: What the user chose.
        size: Common size in pixels.
        n: Synthetic images.
        real_n: Real images that a classifier may learn from.
        has_floor: Whether there is a floor at this N.
        dataset: Parameters of `Given`.
        learnt: Whether a classifier can learn from the set: whether it has several classes.
    """
    trained = "" if train is None else f", made after {_name(train)}"
    tasks: dict[str, Any] = {"fidelity": {}, "coverage": {}}
    if learnt:
        tasks["tstr"] = {"real_n": min(n, real_n)}
    return {
        "name": f"evaluate-{slug(real.name)}",
        "version": VERSION,
        "summary": f"Images made elsewhere{trained}, beside real ones of {_name(real)}.",
        "dataset": {"name": Given.name, "params": dict(dataset)},
        "roles": dict(ROLES),
        "protocol": {"base": wishes.protocol, "size": size},
        "extractors": list(wishes.extractors),
        "variants": [wishes.name, *([FLOOR] if has_floor else []), CEILING],
        "tasks": tasks,
        "n": n,
        "seeds": [0],
    }


def entry(
    synthetic: Looked, *, table: Path | None, labelled: bool, names: Mapping[str, str], shares: Mapping[str, int],
    told: str,
) -> dict[str, Any]:  # fmt: skip
    """Return the registry's entry of a set of images.

    Args:
        synthetic: The set.
        table: Table of its labels, where it lies elsewhere.
        labelled: Whether its labels are used.
        names: What the dataset calls a class of the set, where the two differ.
        shares: Images of each class of the dataset, which requests follow; empty where they follow training.
        told: What was seen of the images, one line.
    """
    weights = {"images": str(synthetic.place.absolute())}
    labels = table or next(iter(synthetic.beside), None)
    if labels is not None and labelled:
        weights["labels"] = str(labels.absolute())
    nothing = set(synthetic.dangling)
    skip = {name: why for name, why in synthetic.skip.items() if name not in nothing}
    params: dict[str, Any] = {"skip": skip} if skip else {}
    other = {label: name for label, name in names.items() if label != name}
    if other and labelled:
        params["names"] = other
    found: dict[str, Any] = {
        "extends": "imageset" if labelled else "imageset-unlabelled",
        "summary": told,
        "weights": weights,
        "params": params,
        "pixels": synthetic.side,
    }
    return {**found, "labels": dict(shares)} if shares and labelled else found


def told_of(synthetic: Looked, n: int | None, copied: Mapping[str, int], missing: Sequence[str]) -> str:
    """Return what a board says of a set of images, one line.

    Args:
        synthetic: The set.
        n: How many of its images are measured; None for a suite's own number.
        copied: How many have the very pixels of real images, by what those are for.
        missing: Classes that it lacks.
    """
    usable, nothing = len(synthetic.usable), synthetic.dangling
    out = len(synthetic.bad) - len(nothing)
    files = f", {' and '.join(synthetic.formats)} files" if synthetic.formats else ""
    parts = [f"{usable:,} images of {_name(synthetic)}, {synthetic.side} px{files}"]
    parts += [f"{n:,} of them measured"] if n is not None and n < usable else []
    parts += [f"{out:,} more left out, which cannot be used"] if out else []
    parts += [_of_links(nothing)] if nothing else []
    parts += [f"of all {usable:,}, {synthetic.redundant:,} repeat others"] if synthetic.redundant else []
    parts += [f"of one color: {synthetic.blank:,}"] if synthetic.blank else []
    parts += [f"{many:,} are {part} images, pixel by pixel" for part, many in copied.items() if many]
    parts += [f"none of {', '.join(missing)}"] if missing else []
    return "; ".join(parts) + "."


def slug(name: str) -> str:
    """Return the name of a place as suites and variants may have it."""
    stem = re.sub(r"\.(zip|np[yz]|h5|hdf5)$", "", name.lower())
    return re.sub(r"[^a-z0-9-]+", "-", stem).strip("-") or "images"


def _of_links(nothing: Sequence[str]) -> str:
    """Return what is said of links that lead nowhere, the first by name."""
    more = len(nothing) - _MOST_NAMED
    named = ", ".join(map(plain, nothing[:_MOST_NAMED])) + (f" and {more:,} more" if more > 0 else "")
    return f"no image behind {named}, which lead{'s' if len(nothing) == 1 else ''} nowhere"


def _name(looked: Looked) -> str:
    return plain(looked.name)
