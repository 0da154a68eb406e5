"""What a training from first weights was: written beside the weights, and held against an entry that takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmark import atomic, digests
from benchmark.contracts.images import Images
from benchmark.errors import UserError
from generators.from_scratch.design import AutoencoderDesign
from generators.stable_diffusion.recipe import Recipe

FILE = "trained.json"
"""Beside ``model_index.json``."""
BEGUN = "begun.json"
"""In a folder that a training keeps its work in."""
_KINDS = {
    "seed": "under another seed: give bench the --seed that it was trained under",
    "images": "on other images: give it the data and the suite that it was trained for",
    "prompts": "on other prompts: the clusters of this run are not those that its prompts name",
}


def about(
    images: Images, design: AutoencoderDesign, seed: int, *,
    prompts: Sequence[str] | None = None, recipe: Recipe | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return what decides a training's outcome, as JSON has it.

    Args:
        images: What is learnt from.
        design: Networks, and the autoencoder's training.
        seed: The fit's own.
        prompts: Prompt of each image; left out where an autoencoder alone is trained.
        recipe: Training of the UNet, likewise.
    """
    told: dict[str, Any] = {"seed": seed, "images": images.digest, "design": asdict(design)}
    if prompts is not None:
        told["prompts"] = digests.of_value(list(prompts))
    if recipe is not None:
        told["recipe"] = asdict(recipe)
    # As it is read again: a tuple is a list.
    plain: dict[str, Any] = json.loads(json.dumps(told))
    return plain


def write(folder: Path, told: Mapping[str, Any]) -> None:
    """Write it."""
    atomic.write_json(folder / FILE, told)


def require(folder: Path, wanted: Mapping[str, Any]) -> None:
    """Refuse weights that were not made as an entry says.

    Args:
        folder: What a training left.
        wanted: What of `about` has to be the same; keys that are left out are not looked at.

    Raises:
        UserError: At the first difference.
    """
    found = _read(folder / FILE)
    for key, why in _KINDS.items():
        if key in wanted and found.get(key) != wanted[key]:
            raise UserError(f"The weights in {folder} were trained {why}.")
    for part in ("design", "recipe"):
        for key, value in wanted.get(part, {}).items():
            if (there := found.get(part, {}).get(key)) != value:
                raise UserError(
                    f"The weights in {folder} were trained with '{key}: {there}', and the entry has '{key}: {value}'. "
                    "Give the entry the value that they were trained with."
                )


def begin(folder: Path, told: Mapping[str, Any], *, remedy: str) -> None:
    """Write what a training is into the folder of its work, before anything else, or refuse to go on with another.

    Args:
        folder: Where checkpoints and what is finished are kept.
        told: What decides the outcome, as JSON has it.
        remedy: What to do where something else was begun there.

    Raises:
        UserError: If another training was begun there, or what is there does not say which.
    """
    if not (folder / BEGUN).exists():
        if stray := sorted(path.name for path in folder.iterdir() if not path.name.endswith(".part")):
            raise UserError(f"{folder} holds '{stray[0]}', and no {BEGUN} that says of which training it is. {remedy}")
        atomic.write_json(folder / BEGUN, told)
    found, wanted = _flat(_read(folder / BEGUN)), _flat(told)
    differ = [name for name in {**wanted, **found} if found.get(name) != wanted.get(name)]
    if differ:
        first, more = differ[0], f" ({len(differ) - 1} more differ)" if differ[1:] else ""
        raise UserError(
            f"{folder} holds a training with {_named(first, found)}, and this one has {_named(first, wanted)}{more}. "
            f"{remedy}"
        )


def _flat(told: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return values by dotted name."""
    flat: dict[str, Any] = {}
    for key, value in told.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def _named(name: str, among: Mapping[str, Any]) -> str:
    return f"'{name}: {among[name]}'" if name in among else f"no '{name}'"


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} cannot be read: {error}. Expected what a training of this project left beside its weights."
        ) from None
    if not isinstance(found, dict):
        raise UserError(f"{path}: expected keys and values. It tells what a training left beside it was.")
    return found
