"""Features of images after a path, each computed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from benchmark.contracts.extractor import Extractor
from benchmark.contracts.images import Images
from benchmark.contracts.task import Features
from benchmark.errors import UserError
from benchmark.protocol import operations
from benchmark.protocol.operations import Path
from tasks.audit import choices

_PIXELS = 1 << 21
"""Most pixels of one batch, at the greatest size that images have on the way."""


class Unsuited(UserError):
    """Images of a size, or numbers, that an extractor or a metric cannot take: a line of the table says so."""


@dataclass
class Embedder:
    """Computes features in blocks. Memory holds one block of pixels, and the features that will be asked for again."""

    extractor: Extractor
    side: dict[str, int]
    """Side in pixels of the images of each part."""
    parts: dict[str, Images]
    """Images by part."""
    advance: Callable[[str], None]
    """Called with a part's name before it is embedded."""
    _known: dict[tuple[str, Path], Features] = field(default_factory=dict)
    _left: Counter[tuple[str, Path]] = field(default_factory=Counter)

    def expect(self, part: str, path: Path) -> None:
        """Say that features will be asked for, once for each call."""
        self._left[self._key(part, path)] += 1

    def of(self, part: str, path: Path) -> Features:
        """Return the features of a part after a path; they are kept as long as they are still expected.

        Raises:
            Unsuited: If the extractor cannot take images of the size.
            UserError: If an image cannot be read.
        """
        key = self._key(part, path)
        found = self._known.pop(key, None)
        if found is None:
            self.advance(part)
            found = self._embedded(*key)
        self._left[key] -= 1
        if self._left[key] > 0:
            self._known[key] = found
        return found

    def _key(self, part: str, path: Path) -> tuple[str, Path]:
        return part, choices.reduced(path, self.side[part])

    def _embedded(self, part: str, path: Path) -> Features:
        images = self.parts[part]
        widest = max(self.side[part], *(one.resize for one in path if isinstance(one, operations.Resize)), 1)
        size = max(1, min(128, _PIXELS // widest**2))
        found = [self._batch(operations.apply(pixels, path)) for pixels in images.batches(size)]
        return Features(values=np.concatenate(found), labels=images.labels, slides=images.slides)

    def _batch(self, pixels: np.ndarray) -> np.ndarray:
        try:
            return self.extractor.embed(pixels)
        except UserError as error:
            raise Unsuited(str(error)) from None
