"""What is known of the images of a set besides their pixels, and the classes that makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.datasets.splits import Split
from benchmark.errors import UserError, nearest

ClassWords = list[str] | dict[str, str]
"""Classes in an order of one's own; or the word of each class, as prompts say it, by the class as it is found."""


@dataclass(frozen=True)
class Table:
    """A row an image."""

    names: Sequence[str]
    """What names each image, N of them, such as its file."""
    labels: Sequence[str]
    """Class of each image, as it is found, N of them."""
    slides: Sequence[str] | None = None
    """Slide of each image, N of them; None where slides are not known."""
    splits: Sequence[Split] | None = None
    """Split of each image, N of them; None where they have to be dealt out."""


def found(labels: Sequence[str]) -> tuple[str, ...]:
    """Return the classes that occur, sorted; by number where all are whole numbers."""
    names = set(labels)
    by_number = all(name.isascii() and name.isdecimal() for name in names)
    return tuple(sorted(names, key=int) if by_number else sorted(names))


def numbered(table: Table, words: ClassWords | None, where: str) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return class names in the order of the label, and the label of each image, shape (N,).

    Args:
        table: The images.
        words: An order and names of one's own; None for those that are found, sorted.
        where: What is read, for messages.

    Raises:
        UserError: If an image has no class, a class that is found is not named, or one is named that is not found.
    """
    counts = Counter(table.labels)
    if "" in counts:
        name = table.names[list(table.labels).index("")]
        raise UserError(f"{where}: {counts['']:,} of {len(table.labels):,} images have no label, such as {name}.")
    classes = found(table.labels)
    ordered = classes if words is None else tuple(words)
    if words is not None:
        _check(ordered, classes, where)
    places = {name: place for place, name in enumerate(ordered)}
    names = tuple(words.values()) if isinstance(words, Mapping) else ordered
    if len(set(names)) != len(names):
        raise UserError(f"{where}: key 'classes' gives several classes one word: {', '.join(names)}.")
    return names, np.array([places[label] for label in table.labels], np.int64)


def among(classes: Sequence[str], labels: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """Return the class that each label of other images means.

    Args:
        classes: In the order of the label.
        labels: As they are found.
        names: The class of some labels, or its number, as a user says.

    Returns:
        By label: what `names` says, else the class of that name; or, where no label is the name of one and classes have
        names that are no numbers, the class of that number.

    Raises:
        Strange: If a label means none, or two mean one of which `names` says nothing.
    """
    numbers = {} if any(name.isdecimal() for name in classes) else {str(at): name for at, name in enumerate(classes)}
    left = [label for label in labels if label not in names]
    by_number = numbers if not set(left) & set(classes) else {}
    found = {label: numbers.get(names[label], names[label]) for label in labels if label in names}
    found |= {label: by_number.get(label, label) for label in left}
    for label, name in found.items():
        if name not in classes:
            raise Strange(label, name)
    for label in left:
        if [found[other] for other in left].count(found[label]) > 1:
            raise Strange(label, found[label], twice=True)
    return found


class Strange(Exception):
    """A label that means no class, or one that another label means too."""

    def __init__(self, label: str, name: str, *, twice: bool = False) -> None:
        """Keep the label, what it was taken for, and whether another was so too."""
        super().__init__(label)
        self.label, self.name, self.twice = label, name, twice


def _check(named: Sequence[str], classes: Sequence[str], where: str) -> None:
    for name in named:
        if name not in classes:
            raise UserError(f"{where}: key 'classes' names '{name}', which no image has. {nearest(name, classes)}")
    missing = [name for name in classes if name not in named]
    if missing:
        raise UserError(f"{where}: key 'classes' leaves out {', '.join(missing)}. Name all classes that are found.")
    if len(set(named)) != len(named):
        raise UserError(f"{where}: key 'classes' names a class twice: {', '.join(named)}.")
