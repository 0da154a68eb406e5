"""Features of one role, handed out about a center in float32."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

_ROWS = 4096
_UNIT = 2.0**-24
"""Unit roundoff of float32."""
_UNDERFLOW = 1e-37
"""More than float32 loses of a product of two rows of length one."""
_ROOT_OF_LEAST = 2.0**-511
"""Root of the least normal float64: squared distances below lose digits."""


@dataclass(frozen=True, eq=False)
class Frame:
    """The center and the scale about which rows are compared; the differences of rows do not depend on it."""

    center: Tensor
    """Shape (D,), float32, so that a float32 row loses no more than one rounding when it is subtracted."""
    scale: float
    """A power of two that brings the longest row near length one: float32 can neither overflow nor underflow."""

    @classmethod
    def about(cls, *sets: Tensor) -> Frame:
        """Return the frame about the mean of all rows.

        Args:
            sets: Checked features, each of shape (N, D), on one device.

        Returns:
            The frame.
        """
        count, width = sum(len(rows) for rows in sets), sets[0].shape[1]
        total = torch.zeros(width, dtype=torch.float64, device=sets[0].device)
        for rows in _chunks(sets):
            total += rows.sum(dim=0, dtype=torch.float64)
        center = (total / count).float()
        # Twice the reach of any coordinate about the origin is more than about the mean, and needs one glance.
        reach = 2.0 * max(float(end.abs()) for rows in _chunks(sets) for end in torch.aminmax(rows))
        return cls(center, 1.0 if reach == 0.0 else 2.0 ** -math.ceil(math.log2(reach * math.sqrt(width))))


class Points:
    """One set of rows in a frame.

    Bound on the error of a squared distance n_i + n_j - 2 p_ij made in float32 of what is handed out: a product of D
    terms errs by at most D u |x||y| (u = 2^-24) whatever the order of its terms (Higham 2002, section 3.1); centering
    and rounding err by u a coordinate; norms and sums by a few u of what they add. In all less than
    `slack` (n_i + n_j) + `least`, with slack = (D + 48) u.
    """

    def __init__(self, features: Tensor, frame: Frame) -> None:
        """Take rows as they come; no copy of them is made.

        Args:
            features: Checked features, shape (N, D).
            frame: The frame that they share with the rows they are compared with.
        """
        self.features, self.frame = features, frame
        self.slack = (features.shape[1] + 48) * _UNIT
        self.least = max(_UNDERFLOW, min(4.0, (frame.scale * _ROOT_OF_LEAST) ** 2))
        norms, shifts = [], []
        for at in range(0, len(features), _ROWS):
            rows = self.rows(slice(at, at + _ROWS))
            norms.append(torch.linalg.vector_norm(rows, dim=1, dtype=torch.float64).square_())
            shifts.append((rows @ frame.center).double())
        self.norms = torch.cat(norms)
        """Squared lengths in the frame, shape (N,), float64, below 1."""
        self.shifts = torch.cat(shifts) / frame.scale
        """Products of the centered rows with the center, unscaled, shape (N,), float64."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.features)

    def rows(self, chosen: slice) -> Tensor:
        """Return some rows less the center, scaled: shape (rows, D), float32."""
        rows = self.features[chosen]
        if rows.dtype != torch.float32:
            return ((rows.double() - self.frame.center) * self.frame.scale).float()
        return (rows - self.frame.center).mul_(self.frame.scale)


def _chunks(sets: tuple[Tensor, ...]) -> Iterator[Tensor]:
    return (rows[at : at + _ROWS] for rows in sets for at in range(0, len(rows), _ROWS))
