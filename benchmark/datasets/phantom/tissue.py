"""Tissue of one patch: concentrations of two stains and the tumor mask, painted layer by layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.datasets.phantom import fields, layout, nuclei

_PAD = 28


class Tissue:
    """What one patch is made of. Painters change it in place.

    Attributes:
        hematoxylin: Concentration of hematoxylin, float32 (96, 96).
        eosin: Concentration of eosin, float32 (96, 96).
        tumor: Whether a pixel is tumor tissue, bool (96, 96).
    """

    def __init__(self) -> None:
        """Start from bare glass."""
        self.hematoxylin: fields.Field = np.zeros((fields.SIZE, fields.SIZE), np.float32)
        self.eosin: fields.Field = np.zeros((fields.SIZE, fields.SIZE), np.float32)
        self.tumor: NDArray[np.bool_] = np.zeros((fields.SIZE, fields.SIZE), np.bool_)

    def lay(self, hematoxylin: fields.Amount, eosin: fields.Amount, where: fields.Field | None = None) -> None:
        """Replace what is there by new concentrations where the mask is 1, or everywhere."""
        if where is None:
            where = np.ones_like(self.eosin)
        self.hematoxylin = self.hematoxylin + where * (hematoxylin - self.hematoxylin)
        self.eosin = self.eosin + where * (eosin - self.eosin)

    def place(
        self,
        rng: np.random.Generator,
        points: layout.Points,
        kind: nuclei.NucleusKind,
        *,
        gain: tuple[float, float] = (0.85, 1.1),
        angles: NDArray[np.float64] | None = None,
    ) -> fields.Field:
        """Paint nuclei of `kind` centered at `points` and return their layer of hematoxylin."""
        layer = stamp(rng, points, kind, gain=gain, angles=angles)
        self.hematoxylin = np.maximum(self.hematoxylin, layer)
        cover: fields.Field = np.minimum(layer, 1)
        self.eosin = self.eosin * (1 - 0.4 * cover)
        return layer

    def settle(self, blur: float) -> None:
        """Blur once by the microscope's optics and remove negative concentrations.

        Args:
            blur: Share of each pixel's light that falls on either neighbor along an axis, 0 to 1/3.
        """
        self.hematoxylin = np.maximum(_blur(self.hematoxylin, blur), 0)
        self.eosin = np.maximum(_blur(self.eosin, blur), 0)


def stamp(
    rng: np.random.Generator,
    points: layout.Points,
    kind: nuclei.NucleusKind,
    *,
    gain: tuple[float, float],
    angles: NDArray[np.float64] | None = None,
) -> fields.Field:
    """Return a layer with one stamp of `kind` per point; where stamps overlap the stronger one is seen.

    Args:
        rng: Generator of the patch; picks the stamps and their strengths.
        points: Centers in pixels, at most 9 pixels outside the patch.
        kind: Which bank the stamps come from.
        gain: Range of the factor on a stamp's strength.
        angles: Direction of each long axis in radians, for an aligned kind.

    Returns:
        float32 (96, 96), 0 between the stamps.
    """
    stamps = nuclei.bank(kind)
    half, width = stamps.shape[1] // 2, fields.SIZE + 2 * _PAD
    if angles is None:
        chosen = rng.integers(nuclei.VARIANTS, size=len(points))
    else:
        chosen = np.round(angles * (nuclei.VARIANTS / np.pi)).astype(np.int64) % nuclei.VARIANTS
    strength = rng.uniform(*gain, (len(points), 1, 1)).astype(np.float32)
    column, row = np.floor(points.T).astype(np.int64) + (_PAD - half)
    side = np.arange(stamps.shape[1])
    offsets = (side[:, None] * width + side).reshape(1, -1)
    flat = np.zeros(width * width, np.float32)
    np.maximum.at(flat, ((row * width + column)[:, None] + offsets).ravel(), (stamps[chosen] * strength).ravel())
    layer: fields.Field = flat.reshape(width, width)[_PAD:-_PAD, _PAD:-_PAD]
    return layer


def cytoplasm(rng: np.random.Generator, points: layout.Points, *, gain: tuple[float, float]) -> fields.Field:
    """Return the mask in [0, 1] of cell bodies around `points`, float32 (96, 96)."""
    mask: fields.Field = np.minimum(stamp(rng, points, nuclei.CYTOPLASM, gain=gain), 1)
    return mask


def _blur(field: fields.Field, side: float) -> fields.Field:
    """Return the field under the kernel (side, 1 - 2 side, side) along both axes; borders repeat."""
    wide: fields.Field = np.pad(field, 1, mode="edge")
    rows: fields.Field = wide[1:-1] + side * (wide[:-2] - 2 * wide[1:-1] + wide[2:])
    return rows[:, 1:-1] + side * (rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:])
