"""Dealing a split out to roles: whole slides where they are known, single images where not."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from benchmark.artifacts.dataset_index import SplitIndex
from benchmark.suite.schema import RoleEntry


def choose(index: SplitIndex, entry: RoleEntry) -> NDArray[np.int64]:
    """Return the rows of a split that play a role, ascending.

    Redundant exact duplicates are left out first: of the images with the same pixels, the first row stays. Units
    (slides or images) are put in an order that depends on their names alone, and dealt out by the share of images
    before them, so that the parts [0, a] and [a, 1] are disjoint and complete.

    Args:
        index: The split.
        entry: Which part of it.

    Returns:
        Row numbers, int64, shape (n,).
    """
    first = np.zeros(len(index.labels), bool)
    first[np.unique(index.pixels, return_index=True)[1]] = True
    rows = np.flatnonzero(first)
    by_slide = entry.by == "slide-where-known" and index.slides is not None
    units = index.slides[rows] if by_slide and index.slides is not None else rows.astype(np.str_)
    ordered = rows[np.argsort(_places(units), kind="stable")]
    start, stop = _bounds(units, entry)
    chosen = ordered[start:stop]
    return np.sort(_thin(chosen, index, entry))


def _places(units: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return for each row the place of its unit in the fixed random order of units."""
    names = np.unique(units)
    ranks = np.argsort(np.array([hashlib.sha256(name.encode()).hexdigest() for name in names]))
    place = np.empty(len(names), np.int64)
    place[ranks] = np.arange(len(names))
    return place[np.searchsorted(names, units)]


def _bounds(units: NDArray[np.str_], entry: RoleEntry) -> tuple[int, int]:
    """Return the first and last position of the role among the ordered rows; units are never split."""
    sizes = np.bincount(_places(units))
    ends = np.concatenate([[0], np.cumsum(sizes)])
    low, high = (int(ends[np.argmin(np.abs(ends - share * len(units)))]) for share in entry.part)
    return low, high


def _thin(rows: NDArray[np.int64], index: SplitIndex, entry: RoleEntry) -> NDArray[np.int64]:
    """Return at most n of the rows, spread over all slides, in an order that depends on the images alone.

    Balanced, the first of each class in that order: as many of each, also where a class holds fewer than its share.
    """
    if entry.n is None or (len(rows) <= entry.n and not entry.balanced):
        return rows
    ranks = np.argsort(np.array([hashlib.sha256(f"thin/{name}".encode()).hexdigest() for name in index.pixels[rows]]))
    ordered = rows[ranks]
    if not entry.balanced:
        return ordered[: entry.n]
    labels = index.labels[ordered]
    classes, counts = np.unique(labels, return_counts=True)
    each = min(entry.n // len(classes), int(counts.min())) if len(classes) else 0
    return np.concatenate([np.empty(0, np.int64), *(ordered[labels == label][:each] for label in classes)])
