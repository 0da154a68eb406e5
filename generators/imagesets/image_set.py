"""Labelled images that someone has already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Batch, Requests
from benchmark.contracts.images import Images
from benchmark.errors import UserError, plain
from generators import dealing
from generators.imagesets import labels

IMAGES, TABLE = "images", "labels"
"""Names under the entry's ``weights``: the images, and the table of their labels where they need one."""

ORDER = 0
"""Seed of the order in which a set is handed out. A set is one draw: no user's seed changes which images are used."""


@dataclass
class ImageSet:
    """Answers each request with the next image of its label, in a random order that is the same at every seed."""

    names: dict[str, str] = field(default_factory=dict)
    """What the dataset calls a label of the set, where the two differ: ``{normal: non-tumor}``."""
    _opened: tuple[Images, str] | None = field(default=None, init=False, repr=False)

    def fit(self, train: Images, context: Context) -> None:
        """Learn nothing."""

    def sample(self, requests: Requests, context: Context) -> Iterator[Batch]:
        """Yield one image of the set per request.

        Raises:
            UserError: If the set has no labels, one that the dataset does not know, or too few images of one.
        """
        if self._opened is None:  # Its files are hashed again by the context: once, not for every shard.
            table = context.weights(TABLE) if context.has_weights(TABLE) else None
            self._opened = self._labelled(context.weights(IMAGES), table, context.classes)
        images, holder = self._opened
        yield from dealing.by_label(
            images, requests, seed=ORDER, holder=holder, remedy="Lower the suite's n or bring more images."
        )

    def _labelled(self, place: Path, table: Path | None, classes: tuple[str, ...]) -> tuple[Images, str]:
        """Return the set under the dataset's labels, and what it holds in words."""
        found = labels.opened(place, table)
        if found.classes == labels.UNLABELLED:
            raise UserError(
                f"Image set {place} has no labels. Put each image into the folder of its class, name a table under "
                f"'weights' ('{TABLE}'), or extend 'imageset-unlabelled' for tasks that need none (docs/image-sets.md)."
            )
        to = np.array([self._number(name, place, found.classes, classes) for name in found.classes], np.int64)
        images = replace(found, labels=to[found.labels], classes=classes)
        counts = Counter(images.labels.tolist())
        each = ", ".join(f"{counts[label]} of '{name}'" for label, name in enumerate(classes))
        return images, f"Image set {place} ({each})"

    def _number(self, name: str, place: Path, found: tuple[str, ...], classes: tuple[str, ...]) -> int:
        """Return the dataset's number of a label of the set: by its name, or by itself where it is a number."""
        known = self.names.get(name, name)
        if known in classes:
            return classes.index(known)
        if known.isascii() and known.isdecimal() and int(known) < len(classes):
            return int(known)
        raise UserError(
            f"Image set {place} has the labels {plain(', '.join(found))}; '{plain(known)}' is no class of the dataset "
            f"({', '.join(classes)}), nor the number of one. Say which it is: params: {{names: {{'{plain(name)}': "
            f"'{classes[0]}'}}}}."
        )
