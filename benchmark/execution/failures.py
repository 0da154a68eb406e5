"""How a cell can fail, and how that is written down."""

from __future__ import annotations

import traceback
from pathlib import Path

from benchmark.errors import Diverged, UserError, is_full
from benchmark.records.schema import Status

_ENGINE = Path(__file__).resolve().parents[1]
"""Whose frames of a traceback are not an author's."""


class ContractFault(Exception):
    """A generator, an extractor or a task broke its contract."""


def status_of(error: Exception) -> Status:
    """Return the status of a cell that ended with an error."""
    if isinstance(error, Diverged):
        return "diverged"
    if is_full(error):
        return "no-space"
    return "failed"


def describe(error: BaseException) -> str:
    """Return an error's kind, message and place as text that UTF-8 can hold: names of files may hold other bytes."""
    said = f"its code ended the process with status {error.code}" if isinstance(error, SystemExit) else None
    text = said or f"{type(error).__name__}: {error}"
    return f"{text}{_place(error)}".encode(errors="backslashreplace").decode()


def _place(error: BaseException) -> str:
    """Return where in an author's code an error rose, for people; nothing where the engine itself raised it.

    An author's code is what the engine called first, and what lies beside it; where it called a library, the call is
    the place, not the line within the library.
    """
    if isinstance(error, ContractFault | UserError) or is_full(error):  # Where the disk got full is nobody's code.
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    outside = [frame for frame in frames if not Path(frame.filename).is_relative_to(_ENGINE)]
    if not outside:
        return ""
    folder = Path(outside[0].filename).parent
    last = next(frame for frame in reversed(outside) if Path(frame.filename).is_relative_to(folder))
    return f" ({Path(last.filename).name}, line {last.lineno}, in {last.name})"
