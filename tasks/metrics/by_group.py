"""Any metric once more for each class, each prompt, or any other group of rows.

A generator may be close on the whole and miss a class. A group has few rows, so that what is biased at small N (the
Frechet distance, MIND) or depends on N (neighbor shares, Vendi score) never compares with the value of all rows, and
between groups at equal N alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError


class Refused(NamedTuple):
    """Why a group has no number."""

    reason: str


Measured = TypeVar("Measured")


def by_group(
    measure: Callable[..., Measured], *, names: Mapping[str, NDArray[np.str_]]
) -> dict[str, Measured | Refused]:
    """Measure each group of rows.

    Args:
        measure: Takes the row numbers of each role as keyword arguments (`real=rows, synthetic=rows`), int64,
            rising.
        names: Group of each row by role, each of shape (N_role,): a class or a prompt.

    Returns:
        What was measured by group, in the order of their names; for a group that lacks a role, or that `measure`
        refuses with a `UserError`, such as for too few rows, the reason.

    Raises:
        UserError: if a name is empty.
    """
    for role, labels in names.items():
        if not all(name.strip() for name in labels):
            raise UserError(f"A group of the {role} rows has no name: expected a class or a prompt for every row.")
    groups = sorted({str(name) for labels in names.values() for name in labels})
    return {group: _measured(measure, group, names) for group in groups}


def _measured(
    measure: Callable[..., Measured], group: str, names: Mapping[str, NDArray[np.str_]]
) -> Measured | Refused:
    rows = {role: np.flatnonzero(labels == group) for role, labels in names.items()}
    absent = [role for role, chosen in rows.items() if not len(chosen)]
    if absent:
        return Refused(f"no {' and no '.join(absent)} row is of this group")
    try:
        return measure(**rows)
    except UserError as error:
        return Refused(str(error))
