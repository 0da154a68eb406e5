"""How many images of which class: those of the set as it is, and no more than the floor can match."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.artifacts import roles
from benchmark.artifacts.dataset_index import SplitIndex
from benchmark.contracts.images import Images
from benchmark.datasets import labels
from benchmark.errors import UserError, nearest, plain
from benchmark.evaluation.looking import Looked
from benchmark.execution.stages import requests
from benchmark.suite.schema import RoleEntry

FLOOR = "real-holdout"
"""The control that hands out the images of the role `floor`."""
LEAST = 0.1
"""Share of the synthetic images that the floor has to match, or the rest of them is not left out for its sake."""


class Count(NamedTuple):
    """How many synthetic images are measured."""

    n: int
    has_floor: bool
    """Whether the floor has as many."""
    note: str | None
    """What is to be said of it."""


def meanings(
    synthetic: Looked, classes: tuple[str, ...], names: Mapping[str, str], *, ordered: bool
) -> dict[str, str]:  # fmt: skip
    """Return the class of the real images that each label of the synthetic ones means.

    Args:
        synthetic: The set.
        classes: Of the real images, in the order of the label.
        names: What a user says of some of them.
        ordered: Whether someone has said in which order the classes are, so that a number may stand for one. The order
            of the alphabet is nobody's, and numbers taken by it would turn a good set into a bad one.

    Raises:
        UserError: If a label means no class, or one that another means too, or a number means one that nobody
            numbered, or `names` has a label or a class that is none.
    """
    if strange := sorted(set(names) - set(synthetic.counts)):
        raise UserError(
            f"--label {plain(strange[0])}={plain(names[strange[0]])}: no synthetic image is of '{plain(strange[0])}'. "
            f"Found: {plain(', '.join(synthetic.counts))}."
        )
    _require_classes(names, classes, ordered=ordered)
    if not ordered:
        _ask_for_numbers(synthetic, classes, names)
    try:
        return labels.among(classes, list(synthetic.counts), names)
    except labels.Strange as error:
        what = f"{synthetic.counts[error.label]:,} images of '{plain(error.label)}'"
        why = (
            f"which would be of class '{plain(error.name)}' like those of another label"
            if error.twice
            else f"which is no class of the real ones ({plain(', '.join(classes))})"
        )
        raise UserError(
            f"{synthetic.place} holds {what}, {why}. Say which it is, with one of those in the place of CLASS: "
            f"--label '{plain(error.label)}=CLASS'."
        ) from None


def _require_classes(names: Mapping[str, str], classes: tuple[str, ...], *, ordered: bool) -> None:
    known = {*classes, *(map(str, range(len(classes))) if ordered else ())}
    for label, name in names.items():
        if name not in known:
            raise UserError(
                f"--label {plain(label)}={plain(name)}: '{plain(name)}' is no class of the real images "
                f"({plain(', '.join(classes))}). {plain(nearest(name, classes))}"
            )


def _ask_for_numbers(synthetic: Looked, classes: tuple[str, ...], names: Mapping[str, str]) -> None:
    unsaid = [label for label in synthetic.counts if label not in {*names, *classes}]
    if unsaid and all(label.isdecimal() for label in unsaid):
        raise UserError(
            f"{synthetic.place} has labels that are numbers ({plain(', '.join(unsaid))}), and nobody numbered the "
            f"classes of the real images ({plain(', '.join(classes))}). Say which is which: "
            f"{' '.join(f'--label {label}=CLASS' for label in unsaid)}."
        )


def shares(synthetic: Looked, classes: tuple[str, ...], means: Mapping[str, str]) -> dict[str, int]:
    """Return the number of usable synthetic images of each class of the real ones."""
    found = dict.fromkeys(classes, 0)
    for label, many in synthetic.counts.items():
        found[means[label]] += many
    return found


def count(synthetic: Looked, floor: int, asked: int | None) -> Count:
    """Return how many synthetic images are measured.

    Args:
        synthetic: The set.
        floor: Most images that the floor can hand out.
        asked: What the user asked for; None for as many as both have.

    Raises:
        UserError: If more are asked for than there are.
    """
    there = len(synthetic.usable)
    if asked is not None and asked > there:
        raise UserError(
            f"--n {asked}: {synthetic.place} holds {there:,} images that can be used. Ask for at most those."
        )
    matched = min(there, floor) if floor >= max(2, there * LEAST) else there
    n = matched if asked is None else asked
    if n > floor:
        return Count(
            n, False, f"There is no row '{FLOOR}': it could hand out {floor:,} images, and {n:,} are measured."
        )
    if n < there and asked is None:
        return Count(
            n, True,
            f"{n:,} of {there:,} synthetic images are measured, chosen at random: as many as '{FLOOR}' can hand out, "
            f"so that its numbers are of the same N. --n {there} measures all, without that row.",
        )  # fmt: skip
    return Count(n, True, None)


def floor_holds(train: Images, valid: Images, pixels: NDArray[np.str_], entry: RoleEntry) -> int:
    """Return the most images that the floor can hand out, asked for by the training frequency of the classes.

    Args:
        train: Images of the split `train`.
        valid: Images of the split that the floor is a part of.
        pixels: A digest of the pixels of each of the latter.
        entry: Which part of them it is.
    """
    chosen = roles.choose(SplitIndex(labels=valid.labels, slides=valid.slides, pixels=pixels), entry)
    there = np.bincount(valid.labels[chosen], minlength=len(valid.classes))
    asked = requests.label_sequence(len(chosen), np.bincount(train.labels, minlength=len(there)) / len(train))
    ranks = np.cumsum(asked[:, None] == np.arange(len(there)), axis=0)
    beyond = np.flatnonzero((ranks > there).any(axis=1))
    return int(beyond[0]) if len(beyond) else len(chosen)
