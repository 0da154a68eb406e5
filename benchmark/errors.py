"""The errors a user can cause, and the exit codes of `bench`."""

from __future__ import annotations

import difflib
import errno
import re
from collections.abc import Iterable
from enum import IntEnum

_FULL = (errno.ENOSPC, errno.EDQUOT)
_CUT_SHORT = re.compile(r"\d+ requested and \d+ written")


class ExitCode(IntEnum):
    """What the exit status of `bench` means."""

    COMPLETE = 0
    """Every cell was measured."""
    PARTIAL = 1
    """Some cells failed; each is a row with a status."""
    USAGE = 2
    """A mistake in the command, the suite or the data."""
    NOTHING = 3
    """Nothing was measured."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C or SIGTERM; the same command resumes."""


class UserError(Exception):
    """A mistake a user can mend. Shown without a traceback; the command exits with status 2.

    The message says what was read, where, what was expected and what to do.
    """


def nearest(name: str, choices: Iterable[str]) -> str:
    """Return a sentence that names the valid choices, the nearest first.

    Args:
        name: What the user wrote.
        choices: The valid names.

    Returns:
        A sentence such as ``Did you mean 'demo'? Known: demo, pcam-mini.``
    """
    known = sorted(choices)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"Did you mean '{close[0]}'? " if close else ""
    return f"{hint}Known: {', '.join(known) if known else '(none)'}."


def plain(text: str) -> str:
    """Return text without control characters, which could drive a terminal; line ends stay."""
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")


def is_full(error: BaseException) -> bool:
    """Tell whether an error says that the disk, or the user's share of it, is full.

    NumPy tells no more than how much of an array it wrote; safetensors has the system's number in its text alone.
    """
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _FULL
    text = str(error)
    return bool(_CUT_SHORT.fullmatch(text)) or any(f"(os error {number})" in text for number in _FULL)


class Diverged(Exception):
    """Raised by a generator whose training loss is no longer finite; its row says so."""
