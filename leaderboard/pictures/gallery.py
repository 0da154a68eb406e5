"""All pictures of a board, with their alternative texts and captions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmark.store.store import Store
from leaderboard.pictures import clusters, samples, sheet
from leaderboard.table import names
from leaderboard.table.model import Board, Row

ACROSS, DOWN, TILE = 4, 3, 112
"""Images of a label's sheet, and their side in pixels."""
IN_STRIP = 5
"""Images of a label in the strip of the board's page."""
IN_CLUSTER, MOST_CLUSTERS = 8, 64
"""Images of a cluster, and clusters that are drawn."""


@dataclass(frozen=True)
class Picture:
    """A picture of a page."""

    file: str
    """Path below the board's folder."""
    sheet: sheet.Sheet
    alt: str
    caption: str


@dataclass(frozen=True)
class Gallery:
    """The pictures of one row."""

    seed: int
    """Seed of the samples."""
    strip: tuple[Picture, ...]
    """For the board's page, a picture a label."""
    labels: tuple[Picture, ...]
    """For the row's own page, a picture a label."""
    prompts: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    """By label: prompts and how many images each was used for."""


@dataclass(frozen=True)
class Atlas:
    """The clusters of one row."""

    found: clusters.Clusters
    pictures: Mapping[int, Picture]
    """By cluster."""


@dataclass(frozen=True)
class Pictures:
    """All pictures of a board, by the slug of a row."""

    galleries: Mapping[str, Gallery]
    atlases: Mapping[str, Atlas]

    @property
    def files(self) -> dict[str, bytes]:
        """Return every picture's bytes by its path below the board's folder."""
        found = [picture for one in self.galleries.values() for picture in (*one.strip, *one.labels)]
        found += [picture for one in self.atlases.values() for picture in one.pictures.values()]
        return {picture.file: picture.sheet.png for picture in found}


def of(board: Board, store: Store) -> Pictures:
    """Return the pictures whose images the store still holds."""
    rows = [row for group in board.groups for row in group.rows]
    galleries = {row.slug: gallery for row in rows if (gallery := _gallery(row, store)) is not None}
    atlases = {row.slug: atlas for row in rows if (atlas := _atlas(row, store)) is not None}
    return Pictures(galleries, atlases)


def _gallery(row: Row, store: Store) -> Gallery | None:
    found = samples.read(store, row.records, most=ACROSS * DOWN)
    if found is None:
        return None
    shown = [one for one in found.labels if len(one.images)]
    return Gallery(
        seed=found.seed,
        strip=tuple(map(partial(_strip, row), shown)),
        labels=tuple(map(partial(_of_label, row, found.seed), shown)),
        prompts=tuple((one.label, one.prompts) for one in found.labels if one.prompts),
    )


def _strip(row: Row, one: samples.OfLabel) -> Picture:
    images = one.images[:IN_STRIP]
    drawn = sheet.contact(images, columns=IN_STRIP, tile=TILE)
    alt = f"{len(images)} images of {row.label} for label {one.label}"
    return Picture(_file(row, "strip", one.label), drawn, alt, one.label)


def _of_label(row: Row, seed: int, one: samples.OfLabel) -> Picture:
    drawn = sheet.contact(one.images, columns=ACROSS, tile=TILE)
    size = f"{one.images.shape[2]} x {one.images.shape[1]} px"
    caption = f"{one.label}: the first {len(one.images)} of {one.total} requests, seed {seed}; {size} each"
    return Picture(_file(row, "samples", one.label), drawn, f"Images of {row.label}, {caption}", caption)


def _atlas(row: Row, store: Store) -> Atlas | None:
    found = clusters.read(store, row.records, most=IN_CLUSTER)
    if found is None:
        return None
    drawn = {one.number: _of_cluster(row, one) for one in found.clusters[:MOST_CLUSTERS] if one.images is not None}
    return Atlas(found, drawn)


def _of_cluster(row: Row, one: clusters.Cluster) -> Picture:
    assert one.images is not None
    caption = f"cluster {one.number}: {one.size} training images ({_counts(one.labels)})"
    drawn = sheet.contact(np.asarray(one.images), columns=ACROSS, tile=64)
    return Picture(_file(row, "cluster", str(one.number)), drawn, f"Real training images of {caption}", caption)


def _counts(labels: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count}" for name, count in labels)


def _file(row: Row, what: str, which: str) -> str:
    return f"pictures/{row.slug}_{what}_{names.slug(which)}.png"
