"""How a cell can fail, and how that is written down."""

from __future__ import annotations

from benchmark.errors import Diverged, is_full
from benchmark.records.schema import Status


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
    """Return an error's kind and message as text that UTF-8 can hold: names of files may hold other bytes."""
    return f"{type(error).__name__}: {error}".encode(errors="backslashreplace").decode()
