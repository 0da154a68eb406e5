"""Whether the arrays of a reference are what they must be: looked at before they are used for the first time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts.roles import RealRole
from benchmark.errors import UserError
from benchmark.references import manifest as manifests
from benchmark.references.manifest import Manifest

_ROWS = 65_536
"""Rows that are looked at at once."""
_LONGEST = 200
"""Longest slide id, in characters."""
_MOST_EXACT = 100_000
_LAST_LETTER = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)
_FIRST_PRINTED = 0x20


def check(folder: Path, manifest: Manifest, *, where: str) -> None:
    """Refuse arrays of another shape or type than the manifest has them, or of values they cannot have.

    Args:
        folder: Folder with the files.
        manifest: What is said of them.
        where: The pack, for messages.

    Raises:
        UserError: At the first one, by name.
    """
    for name, problem in _problems(folder, manifest):
        raise UserError(f"{where}: {name} {problem}")


def load(path: Path) -> NDArray[Any]:
    """Return an array, left on disk until it is read; no pickle is loaded.

    Raises:
        ValueError: If the file is no array, or has more in it than one.
    """
    try:
        found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, EOFError, SyntaxError, TypeError, OverflowError, MemoryError) as error:
        raise ValueError(str(error)) from None
    if not isinstance(found, np.memmap) or found.offset + found.nbytes != path.stat().st_size:
        raise ValueError("more than an array")
    return found


def _problems(folder: Path, manifest: Manifest) -> Iterator[tuple[str, str]]:
    for name in sorted(manifest.files):
        try:
            array = load(folder / name)
        except ValueError:
            yield name, "is no array of numbers or text that NumPy reads without pickle."
            return
        parts = name.split("/")
        role: RealRole = parts[-2]  # type: ignore[assignment]
        problem = _problem(array, parts, role, manifest)
        if problem is not None:
            yield name, problem
    if (manifest.slides == "unknown") != (not any(name.endswith("/slides.npy") for name in manifest.files)):
        yield manifests.NAME, f"says that slides are {manifest.slides}, and the files say otherwise."


def _problem(array: NDArray[Any], parts: list[str], role: RealRole, manifest: Manifest) -> str | None:
    rows, kind = manifest.roles[role].n, parts[-1]
    if kind == "labels.npy":
        return _shape(array, (rows,), "<i8") or _labels(array, len(manifest.dataset.classes))
    if kind == "slides.npy":
        return _shape(array, (rows,), None) or _slides(array)
    width = manifest.extractors[int(parts[1])].width
    if kind == "exact.npy":
        rows = min(len(array) if array.ndim else 0, rows, _MOST_EXACT)
    return _shape(array, (rows, width), "<f4") or _finite(array)


def _shape(array: NDArray[Any], shape: tuple[int, ...], dtype: str | None) -> str | None:
    expected = "text" if dtype is None else np.dtype(dtype).name
    fits = array.dtype == np.dtype(dtype) if dtype is not None else array.dtype.kind == "U"
    if fits and array.shape == shape and 0 not in shape:
        return None
    return f"is {array.dtype} of shape {array.shape}; expected {expected} of shape {shape}."


def _labels(array: NDArray[np.int64], classes: int) -> str | None:
    low, high = int(array.min()), int(array.max())
    return None if low >= 0 and high < classes else f"has labels {low} to {high}; there are {classes} classes."


def _finite(array: NDArray[np.float32]) -> str | None:
    """Return what is wrong with features; a few rows are looked at at once, since there may be gigabytes."""
    for start in range(0, len(array), _ROWS):
        if not np.isfinite(array[start : start + _ROWS]).all():
            return "holds features that are not finite."
    return None


def _slides(array: NDArray[np.str_]) -> str | None:
    """Return what is wrong with slide ids: they are shown, hashed and sorted, which takes letters that exist."""
    letters = array.dtype.itemsize // 4
    if not 1 <= letters <= _LONGEST:
        return f"has slide ids of {letters} characters; expected 1 to {_LONGEST}."
    codes = np.frombuffer(np.ascontiguousarray(array).tobytes(), array.dtype.str.replace(f"U{letters}", "u4"))
    printed = (codes == 0) | (codes >= _FIRST_PRINTED)
    if (
        not printed.all()
        or (codes > _LAST_LETTER).any()
        or ((codes >= _SURROGATES[0]) & (codes <= _SURROGATES[1])).any()
    ):
        return "has slide ids with characters that no text holds."
    if (codes.reshape(len(array), letters)[:, 0] == 0).any():
        return "has a slide without an id."
    return None
