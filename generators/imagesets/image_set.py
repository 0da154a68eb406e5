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
from benchmark.datasets import labels, places
from benchmark.errors import UserError, plain
from generators import dealing

IMAGES, TABLE = "images", "labels"
"""Names under the entry's ``weights``: the images, and the table of their labels where they need one."""

ORDER = 0
"""Seed of the order in which a set is handed out. A set is one draw: no user's seed changes which images are used."""


@dataclass
class ImageSet:
    """Answers each request with the next image of its label, in a random order that is the same at every seed."""

    names: dict[str, str] = field(default_factory=dict)
    """What the dataset calls a label of the set, where the two differ: ``{normal: non-tumor}``."""
    skip: dict[str, str] = field(default_factory=dict)
    """Images that are left out, and why: paths below the folder, or rows of an array, ``row 17``."""
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
        there = places.find(place, labels=table, without=self.skip)
        if not there.is_labelled:
            raise UserError(
                "The image set has no labels. Put each image into the folder of its class, name a table under "
                f"'weights' ('{TABLE}'), or extend 'imageset-unlabelled' for tasks that need none (docs/image-sets.md)."
            )
        found = there.images()
        to = np.array([self._number(name, found.classes, classes) for name in found.classes], np.int64)
        images = replace(found, labels=to[found.labels], classes=classes)
        counts = Counter(images.labels.tolist())
        each = ", ".join(f"{counts[label]} of '{name}'" for label, name in enumerate(classes))
        return images, f"The image set ({each})"

    def _number(self, name: str, found: tuple[str, ...], classes: tuple[str, ...]) -> int:
        """Return the dataset's number of a label of the set."""
        number = labels.number_among(classes, self.names.get(name, name))
        if number is None:
            known = self.names.get(name, name)
            raise UserError(
                f"The image set has the labels {plain(', '.join(found))}; '{plain(known)}' is no class of the "
                f"dataset ({', '.join(classes)}), nor the number of one. Say which it is: params: {{names: "
                f"{{'{plain(name)}': '{classes[0]}'}}}}."
            )
        return number
