"""Real images under labels that say nothing: what utility comes down to when labels are ignored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Batch, Requests
from benchmark.contracts.images import Images
from benchmark.contracts.roles import RealRole
from generators import dealing


@dataclass(frozen=True)
class LabelShuffle:
    """Answers each request with a real image of any class: the role's images in a random order, each once.

    Image i of the set is image i of the order, whatever label was asked for.
    """

    role: RealRole = "floor"
    """The role whose images are handed out."""

    def fit(self, train: Images, context: Context) -> None:
        """Learn nothing."""

    def sample(self, requests: Requests, context: Context) -> Iterator[Batch]:
        """Yield one real image per request.

        Raises:
            UserError: If the role holds fewer images than are asked for.
        """
        images = context.images(self.role)
        yield from dealing.of_any_label(images, requests, seed=context.seed, holder=f"Role '{self.role}'")
