"""Lymphoid tissue: dense sheets, mixed paracortex and germinal centers."""

from __future__ import annotations

import numpy as np

from benchmark.datasets.phantom import fields, layout, nuclei, tissue
from benchmark.datasets.phantom.morphologies import tumor


def sheet(rng: np.random.Generator, label: int) -> tissue.Tissue:
    """Draw a sheet of small dark lymphocytes; with label 1 a small focus of tumor lies in it."""
    drawn = tissue.Tissue()
    ground(drawn, rng)
    focus = clearing(rng, label, chance=0.45)
    cells(drawn, rng, spacing=rng.uniform(7.4, 9.2), pale=rng.uniform(0, 0.12), without=focus)
    fill(drawn, rng, focus, label)
    return drawn


def mixed(rng: np.random.Generator, label: int) -> tissue.Tissue:
    """Draw loose tissue of lymphocytes, larger pale cells and eosin; with label 1 a small focus of tumor."""
    drawn = tissue.Tissue()
    ground(drawn, rng, hematoxylin=0.06, eosin=0.22)
    gaps = fields.inside(fields.smooth(rng, 14), rng.uniform(1.0, 1.6), 0.7)
    drawn.lay(0.0, 0.03, gaps)
    focus = clearing(rng, label, chance=0.5)
    cells(drawn, rng, spacing=rng.uniform(10.0, 12.0), pale=rng.uniform(0.4, 0.6), without=focus)
    fill(drawn, rng, focus, label)
    return drawn


def germinal_center(rng: np.random.Generator, _label: int) -> tissue.Tissue:
    """Draw large pale centroblasts with macrophages among them and, at one side, the dark mantle."""
    drawn = tissue.Tissue()
    ground(drawn, rng, hematoxylin=0.24, eosin=0.24)
    mantle = fields.inside(layout.tilted(rng, 3, 1.4), rng.uniform(1.0, 2.4), 0.3)
    holes = layout.scatter(rng, rng.uniform(26, 34), jitter=0.3)
    holes = holes[(fields.at(mantle, holes) < 0.5) & (rng.random(len(holes)) < 0.4)]
    space = tissue.cytoplasm(rng, holes, gain=(0.9, 1.1))
    drawn.lay(0.02, 0.12, space)
    cells(drawn, rng, spacing=rng.uniform(9.0, 10.2), pale=0.8, without=np.maximum(mantle, space))
    debris = holes + rng.normal(0, 2.5, holes.shape)
    drawn.place(rng, debris, nuclei.PYKNOTIC)
    cells(drawn, rng, spacing=7.6, pale=0.03, without=1 - mantle)
    return drawn


def clearing(rng: np.random.Generator, label: int, *, chance: float) -> fields.Field | None:
    """Return where a focus of other cells goes: always with label 1, with probability `chance` otherwise."""
    return tumor.focus(rng) if label or rng.random() < chance else None


def fill(drawn: tissue.Tissue, rng: np.random.Generator, focus: fields.Field | None, label: int) -> None:
    """Fill a clearing with tumor cells (label 1) or with histiocytes, which resemble them (label 0)."""
    if focus is None:
        return
    if label:
        tumor.paint(drawn, rng, focus, label)
    else:
        histiocytes(drawn, rng, focus)


def histiocytes(drawn: tissue.Tissue, rng: np.random.Generator, where: fields.Field) -> None:
    """Fill a region with histiocytes: pale bean-shaped nuclei in ample pink cytoplasm."""
    drawn.lay(0.05, rng.uniform(0.16, 0.32) + 0.05 * fields.grain(rng, 1.5), where)
    points = layout.scatter(rng, rng.uniform(10.5, 13.5), jitter=0.22)
    drawn.place(rng, points[fields.at(where, points) > 0.5], nuclei.HISTIOCYTE)


def ground(
    drawn: tissue.Tissue,
    rng: np.random.Generator,
    where: fields.Field | None = None,
    *,
    hematoxylin: float = 0.14,
    eosin: float = 0.2,
) -> None:
    """Lay the pink-lilac matter between lymphoid cells, with clear cracks."""
    uneven = fields.grain(rng, 2.0)
    crack = fields.inside(fields.grain(rng, 2.2), rng.uniform(0.7, 2.2), 0.7)
    pink = ((eosin) + 0.09 * uneven) * (1 - 0.85 * crack)
    blue = (hematoxylin + 0.05 * uneven) * (1 - 0.9 * crack)
    drawn.lay(blue, pink, where)


def cells(
    drawn: tissue.Tissue,
    rng: np.random.Generator,
    *,
    spacing: float,
    pale: float,
    without: fields.Field | None = None,
) -> None:
    """Place lymphocytes and, for a share `pale` of the cells, larger pale nuclei.

    Args:
        drawn: Tissue to paint on.
        rng: Generator of the patch.
        spacing: Distance of neighboring cells in pixels.
        pale: Share of large pale cells, 0 to 1.
        without: Mask of where no cell is centered.
    """
    points = layout.scatter(rng, float(spacing), jitter=0.19)
    points = points[rng.random(len(points)) < 0.96]
    if without is not None:
        points = points[fields.at(without, points) < 0.5]
    large = rng.random(len(points)) < pale
    drawn.place(rng, points[~large], nuclei.LYMPHOCYTE, gain=(0.78, 1.12))
    drawn.place(rng, points[large], nuclei.CENTROBLAST, gain=(0.75, 1.1))
