"""Real images through a size or a codec and back: what resampling and storage alone cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Batch, Requests
from benchmark.contracts.images import Images
from benchmark.contracts.roles import RealRole
from benchmark.errors import UserError
from benchmark.protocol import operations, pixels
from benchmark.protocol.operations import Resize, Store
from benchmark.protocol.pixels import Filter
from generators.controls.real import Real


@dataclass(frozen=True)
class PixelRoundTrip:
    """Brings real images to another size, stores them there, and brings them back to their own."""

    role: RealRole = "floor"
    """The role whose images make the trip."""
    side: Annotated[int, Field(ge=1)] | None = None
    """Side in pixels they are brought to; their own where left out."""
    up: Filter = "bilinear"
    """Filter on the way there; the study enlarges its 96 pixels to 512 with it."""
    down: Filter = "lanczos"
    """Filter on the way back; the study has none, this is that of the protocol ``clean``."""
    codec: str | None = None
    """Codec they are stored in at that size, ``jpeg-Q``; none where left out."""

    def __post_init__(self) -> None:
        """Refuse a trip that leads nowhere, and a codec that is none."""
        if self.side is None and self.codec is None:
            raise UserError("A round trip needs 'side', 'codec' or both; as it stands, images stay as they are.")
        if self.codec is not None:
            pixels.jpeg_quality(self.codec)

    def fit(self, train: Images, context: Context) -> None:
        """Learn nothing."""

    def sample(self, requests: Requests, context: Context) -> Iterator[Batch]:
        """Yield one round trip per request, of the image that `Real` would hand out.

        Raises:
            UserError: If the role holds fewer images of a label than are asked for.
        """
        for batch in requests.batches(64):
            for real in Real(self.role).sample(batch, context):
                path = self._path(real.images.shape[1])
                yield real._replace(images=operations.apply(real.images, path))

    def _path(self, own: int) -> operations.Path:
        """Return the operations, as a protocol would list them."""
        there = () if self.side is None else (Resize(resize=self.side, filter=self.up),)
        stored = () if self.codec is None else (Store(codec=self.codec),)
        back = () if self.side is None else (Resize(resize=own, filter=self.down),)
        return (*there, *stored, *back)
