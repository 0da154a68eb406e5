"""Deterministic assignment of rows to jackknife groups.

Real rows are grouped by slide where slides are known, since patches of one slide are not independent; else at
random. Synthetic rows are grouped by request index, so that variants that answered the same requests share
their groups and their differences are paired. Labels are 0 to G - 1, every label used.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError
from benchmark.statistics.arrays import Ints

DEFAULT_GROUPS = 20
"""Random groups where nothing better is known: 19 degrees of freedom a side, at 20 recomputations."""
MOST_GROUPS = 50
"""More slides than this are merged, whole slides together, to bound the cost."""


def slide_groups(slides: NDArray[np.str_], *, most: int = MOST_GROUPS) -> Ints:
    """Group rows by slide; slides beyond `most` are merged, whole slides together, evenly filled.

    The merge takes slides by falling size, ties by name, and puts each into the group with the fewest rows:
    the group of a slide depends on the slides and their sizes, never on the order of the rows.

    Args:
        slides: Slide id of each row, shape (N,).
        most: Greatest number of groups, 2 or more.

    Returns:
        Group of each row, shape (N,), int64, 0 to G - 1.

    Raises:
        UserError: if there are fewer than two slides or an id is empty.
    """
    ids = np.asarray(slides)
    names, labels, sizes = np.unique(ids, return_inverse=True, return_counts=True)
    if ids.ndim != 1 or len(names) < 2:
        raise UserError(
            f"Slide ids of shape {ids.shape} hold {len(names)} slide(s); resampling by "
            "slide needs one id a row and two slides at least. Give more slides, or leave the ids out to "
            "group at random (ignores slides)."
        )
    if str(names[0]).strip() == "":
        raise UserError(f"{int(sizes[0])} row(s) have an empty slide id. Give every row an id, or leave all ids out.")
    if len(names) <= most:
        return labels.astype(np.int64)
    return merged(sizes.astype(np.int64), most)[labels]


def random_groups(rows: int, *, seed: int, groups: int = DEFAULT_GROUPS) -> Ints:
    """Group rows at random into groups whose sizes differ by one at most.

    Args:
        rows: Number of rows, N.
        seed: Seed of the assignment.
        groups: Number of groups, 2 to N.

    Returns:
        Group of each row, shape (N,), int64.

    Raises:
        UserError: if there are fewer than two groups or fewer rows than groups.
    """
    if groups < 2 or rows < groups:
        raise UserError(
            f"{rows} row(s) cannot be split into {groups} groups: a jackknife needs two groups or more "
            "and a row in each. Give more images or ask for fewer groups."
        )
    labels = np.arange(rows, dtype=np.int64) % groups
    return np.random.default_rng(seed).permutation(labels)


def request_groups(requests: Ints, *, total: int, seed: int, groups: int = DEFAULT_GROUPS) -> Ints:
    """Group synthetic rows by the index of the request each answers.

    The group depends on (request index, total, seed, groups) alone: not on the variant, nor on which other
    requests were answered.

    Args:
        requests: Request index of each row, shape (M,), 0 <= index < total, no index twice.
        total: Number of requests of the suite.
        seed: Seed of the assignment, the same for all variants that are to be compared.
        groups: Number of groups, 2 to `total`.

    Returns:
        Group of each row, shape (M,), int64.

    Raises:
        UserError: if an index is out of range or repeated, or a group is left without a row.
    """
    indices = np.asarray(requests)
    if indices.ndim != 1 or indices.dtype.kind not in "iu" or len(np.unique(indices)) != len(indices):
        raise UserError("Request indices must be whole numbers, one a synthetic image, none twice.")
    if len(indices) and not (int(indices.min()) >= 0 and int(indices.max()) < total):
        raise UserError(
            f"Request indices run from {int(indices.min())} to {int(indices.max())}; the suite has "
            f"{total} requests, 0 to {total - 1}. Read the manifest of the same suite."
        )
    labels = random_groups(total, seed=seed, groups=groups)[indices]
    return check_groups(labels, rows=len(indices), role="synthetic")


def check_groups(groups: Ints, *, rows: int, role: str) -> Ints:
    """Return group labels, or refuse labels that no jackknife can use.

    Args:
        groups: Group of each row, shape (N,), whole numbers.
        rows: Number of rows they should label, N.
        role: Role of the rows, for the message.

    Returns:
        The labels as int64.

    Raises:
        UserError: if they are not one label a row, 0 to G - 1 with none empty and two or more.
    """
    labels = np.asarray(groups)
    if labels.shape != (rows,) or labels.dtype.kind not in "iu":
        raise UserError(
            f"Groups of the {role} rows: expected {rows} whole numbers, one a row, "
            f"got {labels.dtype} of shape {labels.shape}."
        )
    present = np.unique(labels)
    if len(present) < 2 or int(present[0]) != 0 or int(present[-1]) != len(present) - 1:
        raise UserError(
            f"Groups of the {role} rows: expected labels 0 to G - 1, two or more and none empty, got "
            f"{len(present)} different label(s). Give more rows or fewer groups."
        )
    return labels.astype(np.int64)


def groups_digest(groups: Ints) -> str:
    """Return the SHA-256 of an assignment; equal digests mean the same rows in the same groups.

    Args:
        groups: Group of each row, shape (N,).

    Returns:
        64 hexadecimal digits.
    """
    return hashlib.sha256(np.ascontiguousarray(groups, dtype="<i8").tobytes()).hexdigest()


def merged(sizes: Ints, most: int) -> Ints:
    """Return the group of each slide: largest slides first, each into the group with fewest rows."""
    filled = np.zeros(most, dtype=np.int64)
    group = np.empty(len(sizes), dtype=np.int64)
    for slide in np.argsort(-sizes, kind="stable"):
        group[slide] = int(np.argmin(filled))
        filled[group[slide]] += sizes[slide]
    return group
