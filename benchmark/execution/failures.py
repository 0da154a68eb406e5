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
