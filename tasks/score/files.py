"""Features as users have them in files. Nothing is unpickled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmark.errors import UserError
from benchmark.statistics.arrays import Features

KEY = "features"
"""Name of the features among several arrays of one file."""
_PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".ckpt")


def read_features(path: Path, *, role: str) -> Features:
    """Return a file's features.

    Args:
        path: A ``.npy`` file, which is read as it is needed; or a ``.npz`` or ``.safetensors`` file with one array, or
            with one named `KEY`.
        role: Whose features, for the message.

    Returns:
        The array as it stands.

    Raises:
        UserError: If the file is not there, is none of these, or is damaged.
    """
    if path.suffix.lower() in _PICKLES:
        raise UserError(
            f"--{role} {path}: a file of pickled objects could run code, and is not read. Expected .npy, .npz or "
            ".safetensors: numpy.save('features.npy', features)."
        )
    if path.suffix.lower() not in _READERS:
        raise UserError(f"--{role} {path}: expected a .npy, .npz or .safetensors file of shape (images, columns).")
    try:
        table = _READERS[path.suffix.lower()](path, role)
    except UserError:
        raise
    except OSError as error:
        raise UserError(f"--{role} {path} cannot be read: {error.strerror or error}.") from None
    except Exception as error:  # Damage shows as any kind of error, by library.
        if "pickle" in str(error) or "Python objects" in str(error):
            raise UserError(f"--{role} {path} holds objects, not numbers; they would have to be unpickled.") from None
        raise UserError(f"--{role} {path} is damaged or is no {path.suffix} file ({error}).") from None
    if table.ndim != 2:
        raise UserError(f"--{role} {path} holds an array of shape {table.shape}: expected (images, columns).")
    return np.asanyarray(table)


def _npy(path: Path, _role: str) -> Features:
    return np.load(path, mmap_mode="r", allow_pickle=False)


def _npz(path: Path, role: str) -> Features:
    with np.load(path, allow_pickle=False) as arrays:
        return np.asarray(arrays[_chosen(list(arrays), path, role)])


def _safetensors(path: Path, role: str) -> Features:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as arrays:
        return np.asarray(arrays.get_tensor(_chosen(list(arrays.keys()), path, role)))


def _chosen(names: list[str], path: Path, role: str) -> str:
    if len(names) == 1:
        return names[0]
    if KEY in names:
        return KEY
    raise UserError(
        f"--{role} {path} holds {', '.join(sorted(names)) or 'no array'}: expected one array, or one named '{KEY}'."
    )


_READERS: dict[str, Any] = {".npy": _npy, ".npz": _npz, ".safetensors": _safetensors}
