"""Slides, classes, groups or prompts as users have them: a text file with a name a line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError


def read(path: Path, *, option: str, rows: int) -> NDArray[np.str_]:
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
