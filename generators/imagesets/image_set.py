"""Labelled images that someone has already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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
        to = self._numbers(found.classes, classes)
        images = replace(found, labels=to[found.labels], classes=classes)
        counts = Counter(images.labels.tolist())
        each = ", ".join(f"{counts[label]} of '{name}'" for label, name in enumerate(classes))
        return images, f"The image set ({each})"

    def _numbers(self, found: tuple[str, ...], classes: tuple[str, ...]) -> NDArray[np.int64]:
        """Return the dataset's number of each label of the set, shape (len(found),)."""
        try:
            means = labels.among(classes, found, self.names)
        except labels.Strange as strange:
            why = "means a class that another label means too" if strange.twice else "is no class of the dataset"
            raise UserError(
                f"The image set has the labels {plain(', '.join(found))}; '{plain(strange.name)}' {why} "
                f"({', '.join(classes)}). Say which it is: params: {{names: {{'{plain(strange.label)}': "
                f"'{classes[0]}'}}}}."
            ) from None
        return np.array([classes.index(means[label]) for label in found], np.int64)
