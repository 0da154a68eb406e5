"""Tumor cells: the painter all tumor tissue shares, and small foci of them."""

from __future__ import annotations

import numpy as np

from benchmark.datasets.phantom import fields, layout, nuclei, tissue

_CLEARANCE = 11.0


def focus(rng: np.random.Generator) -> fields.Field:
    """Return the mask of a small, uneven disc that covers at least a twentieth of the central third."""
    x, y = rng.uniform(fields.CENTER.start, fields.CENTER.stop, 2).astype(np.float32)
    distance = np.sqrt((fields.X - x) ** 2 + (fields.Y - y) ** 2)
    depth = rng.uniform(6, 17) - distance + 2.5 * fields.smooth(rng, 8)
    return fields.inside(depth, min(0.0, layout.touching(depth, 0.05)), 2.5)


def region(rng: np.random.Generator, label: int, *, cells: int, least: float) -> fields.Field:
    """Return the mask of a large tumor region.

    Args:
        rng: Generator of the patch.
        label: 1 where the region reaches the central third, 0 where it stays clear of it.
        cells: Bumps of its outline per patch side.
        least: Smallest share of the central third covered under label 1; at times all of it is.

    Returns:
        Mask in [0, 1], float32 (96, 96).
    """
    field = layout.tilted(rng, cells, 1.6)
    share = min(1.0, least + 1.4 * rng.random() ** 1.6)
    if label == 0:
        return fields.inside(field, layout.avoiding(field, 3) + 0.15, 0.25)
    return fields.inside(field, layout.touching(field, share) - (0.6 if share == 1.0 else 0.0), 0.25)


def paint(
    drawn: tissue.Tissue,
    rng: np.random.Generator,
    where: fields.Field,
    label: int,
    *,
    kind: nuclei.NucleusKind | None = None,
) -> None:
    """Fill a region with tumor cells and mark it as tumor.

    Args:
        drawn: Tissue to paint on.
        rng: Generator of the patch.
        where: Mask of the region.
        label: With 0, cells keep clear of the central third.
        kind: Which nuclei; large or small ones by chance if None.
    """
    if kind is None:
        kind = nuclei.SMALL_TUMOR if rng.random() < 0.4 else nuclei.TUMOR
    points = layout.scatter(rng, 2.3 * kind.radius * rng.uniform(0.92, 1.15), jitter=0.15)
    points = points[fields.at(where, points) > 0.5]
    bodies(drawn, rng, points, label, where=where, kind=kind)


def bodies(
    drawn: tissue.Tissue,
    rng: np.random.Generator,
    points: layout.Points,
    label: int,
    *,
    where: fields.Field | None = None,
    kind: nuclei.NucleusKind = nuclei.TUMOR,
    angles: np.ndarray[tuple[int], np.dtype[np.float64]] | None = None,
) -> None:
    """Paint tumor cells, body and nucleus, on a ground of tumor cytoplasm, and mark them as tumor."""
    if label == 0:
        far = layout.from_center(points) > _CLEARANCE
        points, angles = points[far], None if angles is None else angles[far]
    body = tissue.cytoplasm(rng, points, gain=(0.7, 1.1))
    cover = body if where is None else np.maximum(where, body)
    shade = 0.07 * fields.grain(rng, 1.5)
    tint = rng.uniform((0.10, 0.18), (0.22, 0.36)).astype(np.float32)
    within = 0.45 + 0.55 * body
    drawn.lay(tint[0] * within + shade, tint[1] * within + shade, cover)
    drawn.place(rng, points, kind, gain=(0.72, 1.15), angles=angles)
    drawn.tumor |= cover > 0.5
