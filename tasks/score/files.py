"""Features, slides and groups as users have them in files. Nothing is unpickled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


def read_names(path: Path, *, option: str, rows: int) -> NDArray[np.str_]:
    """Return the slide, the class or the prompt of each row.

    Args:
        path: A text file in UTF-8, with or without a byte order mark; one name a line, lines ended by LF or CR LF.
        option: How it was given, such as ``--real-slides``, for the message.
        rows: How many rows there are.

    Returns:
        The names, shape (rows,).

    Raises:
        UserError: If it cannot be read as text, or has another number of lines; or if a name is empty, or begins or
            ends with blanks, so that it would count as another than the same name without.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"{option} {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UserError(f"{option} {path} is no UTF-8 text. Expected one name a line.") from None
    if "\0" in text:
        raise UserError(f"{option} {path} is no UTF-8 text: it holds zero bytes. Expected one name a line.")
    # Not `splitlines`, which also ends lines at characters that may stand in a name.
    names = text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []
    if len(names) != rows:
        raise UserError(f"{option} {path} has {len(names)} lines for {rows} rows: expected one a row.")
    for number, name in enumerate(names, start=1):
        if not name.strip():
            raise UserError(f"{option} {path}, line {number}: there is no name. Give one; every row has a line.")
        if name != name.strip():
            raise UserError(
                f"{option} {path}, line {number}: the name {name!r} begins or ends with blanks, and would count as "
                f"another than {name.strip()!r}. Remove the blanks."
            )
    return np.array(names, dtype=np.str_)


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
