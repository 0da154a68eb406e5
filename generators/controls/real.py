"""Real images in the place of synthetic ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Batch, Requests
from benchmark.contracts.images import Images
from benchmark.contracts.roles import RealRole
from generators import dealing


@dataclass(frozen=True)
class Real:
    """Hands out real images of a role, each once, by the label asked for.

    With role ``floor`` this is the real-against-real floor at the same N as every other row.
    """

    role: RealRole = "floor"
    """The role whose images are handed out."""

    def fit(self, train: Images, context: Context) -> None:
        """Learn nothing."""

    def sample(self, requests: Requests, context: Context) -> Iterator[Batch]:
        """Yield one real image per request.

        Raises:
            UserError: If the role holds fewer images of a label than are asked for.
        """
        images = context.images(self.role)
        yield from dealing.by_label(images, requests, seed=context.seed, holder=f"Role '{self.role}'")
