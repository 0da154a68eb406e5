"""What the engine offers a generator or a task while it works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from benchmark.contracts import progress as progress_
from benchmark.contracts.images import Images
from benchmark.contracts.roles import RealRole
from benchmark.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmark.contracts.extractor import Extractor
    from benchmark.contracts.prompts import PromptSet

V = TypeVar("V")

Log = Callable[[str, float, int], None]
"""Takes a metric's name, its value and the training step it belongs to."""

Picture = Callable[[str, "NDArray[np.uint8]", int], None]
"""Takes a picture's name, its pixels (uint8 RGB, shape (H, W, 3)) and the training step it belongs to."""


def _no_log(name: str, value: float, step: int) -> None:
    """Log nothing."""


def no_picture(name: str, pixels: NDArray[np.uint8], step: int) -> None:
    """Show nothing. A generator that finds this need not draw."""


@dataclass(frozen=True)
class Context:
    """One step's surroundings. Only what the variant declares can be reached through it."""

    seed: int
    """Seed of this step's randomness, derived from the user's seed."""
    device: str
    """``cpu`` or ``cuda``."""
    folder: Path
    """In `fit`: where to leave what was learnt. In `sample`: where `fit` left it."""
    scratch: Path
    """Survives a kill of this step: the place for checkpoints."""
    classes: tuple[str, ...]
    """Class names of the dataset."""
    progress: progress_.Progress = progress_.silent
    """Tells how far the work is."""
    log: Log = _no_log
    """Sends a training curve's point to the trackers."""
    picture: Picture = no_picture
    """Sends a picture of how the training stands to the trackers."""
    _images: Mapping[RealRole, Callable[[], Images]] = field(default_factory=dict)
    _extractors: Mapping[str, Callable[[], Extractor]] = field(default_factory=dict)
    _weights: Mapping[str, Callable[[], Path]] = field(default_factory=dict)
    _prompts: Callable[[], PromptSet] | None = None

    @property
    def prompts(self) -> PromptSet | None:
        """Return the prompts of the training images, or None where the variant has no ``prompts``."""
        return None if self._prompts is None else self._prompts()

    def images(self, role: RealRole) -> Images:
        """Return the real images of a role the variant declares under ``fits_on`` or ``reads``."""
        return self._declared(self._images, role, "reads")()

    def extractor(self, name: str) -> Extractor:
        """Return an extractor the variant declares under ``guided_by``."""
        return self._declared(self._extractors, name, "guided_by")()

    def weights(self, name: str) -> Path:
        """Return the folder, or the file, of pretrained weights the variant declares under ``weights``; verified."""
        return self._declared(self._weights, name, "weights")()

    def has_weights(self, name: str) -> bool:
        """Tell whether the variant declares weights of that name."""
        return name in self._weights

    @staticmethod
    def _declared(offered: Mapping[Any, V], name: str, key: str) -> V:
        if name not in offered:
            raise UserError(
                f"The generator asked for '{name}', but its entry does not declare it. "
                f"Add it under '{key}'. Declared: {', '.join(offered) or '(none)'}."
            )
        return offered[name]
