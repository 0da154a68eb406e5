"""What a suite says is done to pixels."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from benchmark import digests
from benchmark.strict import Strict


class Protocol(Strict):
    """Everything done to pixels before an extractor. Real and synthetic images take the same path."""

    size: Annotated[int, Field(ge=1)]
    """Common side in pixels to which all images are brought."""
    filter: Literal["lanczos", "bicubic", "bilinear", "box"] = "lanczos"
    """Antialiasing filter of every resize (Pillow's)."""
    codec: Literal["dataset", "none"] = "dataset"
    """``dataset``: synthetic images are stored as the dataset stores its own before the common size."""

    @property
    def digest(self) -> str:
        """Return the protocol's digest, twelve hex digits."""
        return digests.of_value(self.model_dump(mode="json"))[:12]

    def describe(self) -> str:
        """Return the protocol in one line."""
        codec = "the dataset's own codec" if self.codec == "dataset" else "no codec"
        return f"{self.size} px, {self.filter} with antialiasing, {codec}"
