"""Dealing images out to splits at random, where the data bring none: whole slides where they are known."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmark.datasets.labels import Table
from benchmark.datasets.splits import SPLITS, Split
from benchmark.errors import UserError

Sizes = dict[Split, float]
"""Size of each split: shares of at most 1 in all, or numbers of images, of 2 at least."""

DEFAULT: Mapping[Split, float] = {"train": 0.8, "valid": 0.1, "test": 0.1}
"""As PCam is cut."""


def check(sizes: Mapping[Split, float], where: str) -> None:
    """Refuse sizes that are neither shares of a whole nor numbers of images.

    Raises:
        UserError: If so.
    """
    values = list(sizes.values())
    shares, counts = all(0 <= one <= 1 for one in values), all(one >= 2 and one == int(one) for one in values)
    if not values or not (shares or counts) or (shares and not 0 < sum(values) <= 1 + 1e-9):
        told = ", ".join(f"{split}: {value:g}" for split, value in sizes.items())
        raise UserError(
            f"{where}: key 'sizes' is {{{told}}}. Expected shares of at most 1 in all, such as "
            "{train: 0.8, valid: 0.1, test: 0.1}, or numbers of images."
        )


def deal(
    names: Sequence[str],
    labels: NDArray[np.int64],
    slides: Sequence[str] | None,
    *,
    sizes: Mapping[Split, float],
    seed: int,
    where: str,
) -> dict[Split, NDArray[np.int64]]:
    """Return the rows of each split, ascending.

    Images are put in an order that hangs on seed and name alone, class by class, and each split takes from every class
    in proportion. Where slides are known, whole slides are put in such an order and cut as near to the sizes as they
    allow.

    Args:
        names: Of the images, N.
        labels: Class of each image, shape (N,).
        slides: Slide of each image, N; None where slides are not known.
        sizes: Of the splits, as `check` allows; a split that is left out is empty.
        seed: Of the order.
        where: What is read, for messages.

    Raises:
        UserError: If there are too few images, or too few slides for a split to get one.
    """
    counts = _counts(sizes, len(names), where)
    if slides is not None:
        return _of_slides(slides, counts, seed, where)
    queues = [_ordered(np.flatnonzero(labels == label), names, seed) for label in range(int(labels.max()) + 1)]
    rows: dict[Split, NDArray[np.int64]] = {}
    taken = np.zeros(len(queues), np.int64)
    for split in SPLITS:
        quotas = _quotas(np.array([len(queue) for queue in queues]) - taken, counts[split])
        parts = [queue[start : start + n] for queue, start, n in zip(queues, taken, quotas, strict=True)]
        rows[split] = np.sort(np.concatenate(parts))
        taken += quotas
    return rows


def cautions(table: Table, seed: int) -> list[str]:
    """Return what is to be said of the splits of images wherever a number of theirs stands; nothing of their own."""
    if table.splits is not None:
        return []
    told = f"The splits were dealt out at random (seed {seed})"
    if table.slides is not None:
        return [f"{told}, whole slides together."]
    return [f"{told}, image by image: images of one slide may lie in several of them."]


def _counts(sizes: Mapping[Split, float], total: int, where: str) -> dict[Split, int]:
    wanted = [float(sizes.get(split, 0)) for split in SPLITS]
    if max(wanted) > 1:
        if sum(wanted) > total:
            raise UserError(f"{where}: key 'sizes' asks for {sum(wanted):,.0f} images, but there are {total:,}.")
        return {split: int(size) for split, size in zip(SPLITS, wanted, strict=True)}
    ends = [round(share * total) for share in np.cumsum(wanted)]
    starts = [0, *ends[:-1]]
    return {split: end - start for split, start, end in zip(SPLITS, starts, ends, strict=True)}


def _quotas(left: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return how many of each class to take: in proportion to those left, the largest remainders rounded up."""
    if count == 0:
        return np.zeros_like(left)
    whole, remainders = np.divmod(left * count, left.sum())
    up = np.argsort(-remainders, kind="stable")[: count - int(whole.sum())]
    whole[up] += 1
    return whole


def _of_slides(
    slides: Sequence[str], counts: Mapping[Split, int], seed: int, where: str
) -> dict[Split, NDArray[np.int64]]:
    known, of_image, sizes = np.unique(np.array(slides), return_inverse=True, return_counts=True)
    order = _ordered(np.arange(len(known)), known.tolist(), seed)
    ends = np.concatenate([[0], np.cumsum(sizes[order])])
    wanted = np.cumsum([0, *(counts[split] for split in SPLITS)])
    cuts = [int(np.argmin(np.abs(ends - end))) for end in wanted]
    rows: dict[Split, NDArray[np.int64]] = {}
    for split, start, stop in zip(SPLITS, cuts, cuts[1:], strict=False):
        if counts[split] and start == stop:
            raise UserError(
                f"{where}: of {len(known)} slides none can be dealt out to '{split}', since whole slides go to one "
                "split. Ask for other 'sizes'."
            )
        rows[split] = np.flatnonzero(np.isin(of_image, order[start:stop]))
    return rows


def _ordered(rows: NDArray[np.int64], names: Sequence[str], seed: int) -> NDArray[np.int64]:
    """Return rows in an order that hangs on seed and names alone."""
    places = [hashlib.sha256(f"{seed}/{names[row]}".encode()).digest() for row in rows.tolist()]
    return rows[sorted(range(len(places)), key=places.__getitem__)]
