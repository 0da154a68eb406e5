"""Clusters to look at: a contact sheet of each, and a page that shows them all."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.artifacts import pictures
from benchmark.artifacts.pictures import Line
from benchmark.contracts.images import Images
from generators import prompts

SHEETS = "sheets"
"""Folder of the sheets, below the page."""
RESEARCH_USE = "Research use only: nothing here proves privacy or clinical fitness."


@dataclass(frozen=True)
class Cluster:
    """One cluster as the page shows it."""

    number: int
    words: str
    """Its index as prompts have it."""
    size: int
    share: float
    """Of all images."""
    labels: tuple[tuple[str, int, float], ...]
    """By class: name, images and their share of the cluster; none where labels are unknown."""
    typical: float
    """Median distance to the center; nan where it is empty."""
    file: str | None
    """Its sheet, below the page; None where it is empty."""


def clusters(images: Images, assignments: NDArray[np.int64], distances: NDArray[np.float64], k: int) -> list[Cluster]:
    """Return every cluster in the order of its number.

    Args:
        images: What was clustered.
        assignments: Cluster of each, shape (N,).
        distances: Distance of each to its center, shape (N,).
        k: Number of clusters.
    """
    found = []
    for number in range(k):
        members = np.flatnonzero(assignments == number)
        counts = np.bincount(images.labels[members], minlength=len(images.classes))
        labels = tuple(
            (name, int(count), float(count / max(1, len(members))))
            for name, count in zip(images.classes, counts, strict=True)
            if name
        )
        found.append(
            Cluster(
                number=number,
                words=prompts.in_words(number),
                size=len(members),
                share=len(members) / len(images),
                labels=labels,
                typical=float(np.median(distances[members])) if len(members) else float("nan"),
                file=f"{SHEETS}/cluster-{number:0{len(str(k - 1))}}.png" if len(members) else None,
            )
        )
    return found


def sheet(
    images: Images,
    members: NDArray[np.int64],
    distances: NDArray[np.float64],
    *,
    title: str,
    columns: int,
    seed: int,
) -> bytes:
    """Return a cluster's sheet as PNG: images nearest to its center, some drawn at random, and the farthest.

    Args:
        images: What was clustered.
        members: Rows of the cluster, 1 or more.
        distances: Distance of every image to its center.
        title: What stands above.
        columns: Images a line.
        seed: Of the draw.
    """
    ordered = members[np.argsort(distances[members], kind="stable")]
    near, rest = ordered[:columns], ordered[columns:]
    far, rest = rest[-columns:], rest[:-columns]
    drawn = np.random.default_rng(seed).permutation(rest)[:columns]
    kinds = (("nearest to\nthe center", near), ("drawn at\nrandom", drawn), ("farthest", far))
    lines = [Line(name, images.source.read(images.rows[rows])) for name, rows in kinds if len(rows)]
    return pictures.sheet(title, lines)


def page(title: str, facts: Sequence[tuple[str, str]], found: Sequence[Cluster]) -> str:
    """Return the page of all clusters. What comes from users and files is escaped."""
    style = _templates().joinpath("style.css").read_text(encoding="utf-8")
    return str(
        _environment()
        .get_template("index.html.j2")
        .render(
            title=title,
            facts=facts,
            clusters=found,
            classes=[name for name, _, _ in found[0].labels] if found else [],
            greatest=max(one.share for one in found),
            style=style,
            style_hash=f"sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}",
            research_use=RESEARCH_USE,
        )
    )


def _templates() -> Path:
    return Path(__file__).parent / "templates"


@functools.cache
def _environment():  # type: ignore[no-untyped-def]
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_templates()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
