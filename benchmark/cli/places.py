"""Folders that a user names for results."""

from __future__ import annotations

import os
from pathlib import Path

from benchmark.errors import UserError


def require_folder(out: Path) -> None:
    """Make the folder of the results; refuse one that cannot be written before anything is computed.

    Raises:
        UserError: With the reason.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--out {out} cannot be made a folder: {error.strerror}. Give another place.") from None
    if not os.access(out, os.W_OK | os.X_OK):
        raise UserError(f"--out {out} cannot be written to. Give another place.")
