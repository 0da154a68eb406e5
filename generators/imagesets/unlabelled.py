"""Images that someone has already, of which nobody knows the labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Batch, Requests
from benchmark.contracts.images import Images
from benchmark.datasets import places
from generators import dealing
from generators.imagesets.image_set import IMAGES, ORDER


@dataclass
class UnlabelledImageSet:
    """Answers each request with the next image of the set, whatever its label, in an order that no seed changes.

    The labels that the engine writes beside them are those of the requests and say nothing of the images, so that tasks
    that need labels are refused.
    """

    labelled: ClassVar[bool] = False
    """Images are not of the label asked for."""
    skip: dict[str, str] = field(default_factory=dict)
    """Images that are left out, and why: paths below the folder, or rows of an array, ``row 17``."""
    _opened: tuple[Images, str] | None = field(default=None, init=False, repr=False)

    def fit(self, train: Images, context: Context) -> None:
        """Learn nothing."""

    def sample(self, requests: Requests, context: Context) -> Iterator[Batch]:
        """Yield one image of the set per request.

        Raises:
            UserError: If the set holds fewer images than are asked for.
        """
        if self._opened is None:
            place = context.weights(IMAGES)
            self._opened = places.find(place, without=self.skip).images(), "The image set"
        images, holder = self._opened
        yield from dealing.of_any_label(
            images, requests, seed=ORDER, holder=holder, remedy="Lower the suite's n or bring more images."
        )
