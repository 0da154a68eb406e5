"""Kernel sums and memberships of two sets of features in one pass over their pairs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor

from benchmark.statistics.arrays import Bools, Features, Floats
from tasks.metrics.pairs import tiles
from tasks.metrics.pairs.balls import Balls, Membership, Near
from tasks.metrics.pairs.halves import KEPT, HalfCounts, Halves, RadiiWithin, radii_within
from tasks.metrics.pairs.kernel_sums import CubicKernel
from tasks.metrics.pairs.neighbors import Neighbors, Radii
from tasks.metrics.pairs.points import Frame, Points

MEMORY = 2**27
"""Bytes that the pass may take above the features, by default; it takes about as much again for what it returns."""


class Reach(NamedTuple):
    """Which balls are about rows."""

    k: int
    """Their radius reaches to the k-th nearest other row."""
    closed: bool
    """Whether a row at just the radius lies within."""


Counts = TypeVar("Counts")


class Meeting(NamedTuple, Generic[Counts]):
    """How rows of each side lie in the balls of the other."""

    in_real: Counts
    """Synthetic rows in real balls."""
    in_synthetic: Counts
    """Real rows in synthetic balls."""


class Groups(NamedTuple):
    """Groups of rows of each side, or halves of both sides; they may overlap."""

    real: Bools
    """Shape (N, G)."""
    synthetic: Bools
    """Shape (M, H)."""


@dataclass(frozen=True, eq=False)
class Found:
    """What one pass found."""

    meetings: dict[Reach, Meeting[Membership]]
    """By kind of balls."""
    halves: dict[Reach, Meeting[HalfCounts]]
    """Likewise within halves of the rows; empty where none were given."""
    kernel: Floats | None
    """Sum of the cubic kernel over ordered pairs of different rows of any two groups, the real groups first, shape
    (G + H, G + H), symmetric; None where no groups were given."""


def one_pass(
    *,
    real: Features | Tensor,
    synthetic: Features | Tensor,
    balls: tuple[Reach, ...] = (),
    halves: Groups | None = None,
    groups: Groups | None = None,
    memory: int = MEMORY,
) -> Found:
    """Visit each pair of rows once: real with real, synthetic with synthetic, real with synthetic.

    Args:
        real: Checked features of real images, shape (N, D), an array, or a tensor on any device.
        synthetic: Checked features of synthetic images, shape (M, D), likewise.
        balls: Kinds of balls whose members are counted; N and M above every k.
        halves: Halves of both sides within which members are counted likewise, as many on either; more than every k
            rows in each.
        groups: Groups between which the kernel is summed, or None for no kernel.
        memory: Bytes that tiles may take. It never changes counts, and sums within rounding only.

    Returns:
        Exact counts, and sums.
    """
    first, second = as_tensor(real), as_tensor(synthetic)
    with torch.inference_mode(), full_precision():
        frame, side = Frame.about(first, second), tiles.side_for(memory, first.shape[1])
        one, other = Points(first, frame), Points(second, frame)
        real_members, synthetic_members = _members(groups, first.device)
        halved = (None, None) if halves is None else tuple(torch.from_numpy(half).to(first.device) for half in halves)
        inner = _within(one, balls, halved[0], real_members, side)
        outer = _within(other, balls, halved[1], synthetic_members, side)
        met = _Met(inner, outer, balls)
        cross = _kernel(one, other, real_members, synthetic_members)
        for tile in tiles.between(one, other, side):
            met.take(tile)
            if cross is not None:
                cross.take(tile)
    if cross is None:
        return Found(met.meetings(), met.halves(), None)
    upper, lower = torch.cat([inner.sums, cross.sums], dim=1), torch.cat([cross.sums.T, outer.sums], dim=1)
    return Found(met.meetings(), met.halves(), torch.cat([upper, lower]).cpu().numpy())


@dataclass(frozen=True, eq=False)
class _Inner:
    """What the pairs of one side told."""

    points: Points
    radii: dict[int, Radii]
    halves: Tensor | None
    radii_within: dict[int, RadiiWithin]
    sums: Tensor


def _within(
    points: Points, balls: tuple[Reach, ...], halves: Tensor | None, members: Tensor | None, side: int
) -> _Inner:
    """Visit the pairs of one side: its radii by k, also within halves, and the kernel sums of its groups."""
    ks = sorted({reach.k for reach in balls})
    neighbors = Neighbors(points, keep=ks[-1] if halves is None else KEPT) if ks else None
    kernel = _kernel(points, points, members, members)
    for tile in tiles.within(points, side):
        if neighbors is not None:
            neighbors.take(tile)
        if kernel is not None:
            kernel.take(tile)
    return _Inner(
        points,
        {} if neighbors is None else {k: neighbors.radii(k) for k in ks},
        halves,
        {} if neighbors is None or halves is None else {k: radii_within(neighbors, halves, k) for k in ks},
        torch.empty(0) if kernel is None else kernel.sums,
    )


def _members(groups: Groups | None, device: torch.device) -> tuple[Tensor | None, Tensor | None]:
    if groups is None:
        return None, None
    return torch.from_numpy(groups.real).to(device).float(), torch.from_numpy(groups.synthetic).to(device).float()


def _kernel(first: Points, second: Points, left: Tensor | None, right: Tensor | None) -> CubicKernel | None:
    return None if left is None or right is None else CubicKernel(first, second, left=left, right=right)


class _Met:
    """Both sides' balls of all kinds; the pairs that may lie in the widest are looked for once."""

    def __init__(self, real: _Inner, synthetic: _Inner, balls: tuple[Reach, ...]) -> None:
        sides = (real, synthetic), (synthetic, real)
        self._whole = {reach: [_balls(own, other, reach) for own, other in sides] for reach in balls}
        self._halves = {
            reach: [_halves(own, other, reach) for own, other in sides] for reach in balls if real.halves is not None
        }
        self._limits = [
            torch.stack(
                [*(radii.high for radii in own.radii.values()), *(pair[at].limits for pair in self._halves.values())]
            ).amax(dim=0)
            for at, own in enumerate((real, synthetic))
            if balls
        ]

    def take(self, tile: tiles.Tile) -> None:
        if not self._whole:
            return
        near = Near.rows(tile, self._limits[0]), Near.columns(tile, self._limits[1])
        for at, pairs in enumerate(near):
            for whole in self._whole.values():
                whole[at].take(pairs)
            for halves in self._halves.values():
                halves[at].take(pairs)

    def meetings(self) -> dict[Reach, Meeting[Membership]]:
        return {reach: Meeting(*(one.membership() for one in pair)) for reach, pair in self._whole.items()}

    def halves(self) -> dict[Reach, Meeting[HalfCounts]]:
        return {reach: Meeting(*(one.counts() for one in pair)) for reach, pair in self._halves.items()}


def _balls(own: _Inner, other: _Inner, reach: Reach) -> Balls:
    return Balls(centers=own.points, points=other.points, radii=own.radii[reach.k], closed=reach.closed)


def _halves(own: _Inner, other: _Inner, reach: Reach) -> Halves:
    assert own.halves is not None
    assert other.halves is not None
    return Halves(
        centers=own.points,
        points=other.points,
        radii=own.radii_within[reach.k],
        members=own.halves,
        closed=reach.closed,
        in_half=other.halves,
    )


def as_tensor(features: Features | Tensor) -> Tensor:
    """Return features as a tensor on the device where they lie; it shares their memory where their dtype allows."""
    if isinstance(features, Tensor):
        return features.detach() if features.is_floating_point() else features.double()
    if features.dtype not in (np.float16, np.float32, np.float64) or min(features.strides, default=0) < 0:
        features = np.ascontiguousarray(features, dtype=np.float64)
    with warnings.catch_warnings():
        # A memory map that must not be written is only read here.
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(features)


@contextmanager
def full_precision() -> Iterator[None]:
    """Keep a GPU from multiplying in fewer digits than float32 has, whatever was set before."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
