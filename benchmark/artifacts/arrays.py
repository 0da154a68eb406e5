"""Arrays on disk: NumPy's own format, never with pickles."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray


def save(path: Path, array: NDArray[Any]) -> None:
    """Write an array; object arrays are refused."""
    with path.open("wb") as stream:
        np.save(_Writer(stream), array, allow_pickle=False)


class _Writer:
    """A file NumPy does not take for one: it would write past Python, and not say why that failed."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.write = stream.write


def load(path: Path, *, mapped: bool = False) -> NDArray[Any]:
    """Return an array from a file; `mapped` leaves it on disk and pages it in as it is read."""
    array: NDArray[Any] = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    return array
