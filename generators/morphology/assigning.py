"""The work of `bench morphology assign`: new images into fitted clusters."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark import atomic
from benchmark.contracts.progress import Progress
from benchmark.errors import UserError
from generators import prompts
from generators.morphology import clusters, fitted
from generators.morphology.fitted import Fitted
from generators.morphology.inputs import Given, Tool

_SUFFIXES = (".csv", ".json")


@dataclass(frozen=True)
class Assigned:
    """One image."""

    image: str
    label: str
    """Empty where it is not known."""
    cluster: int
    distance: float
    """To the cluster's center, in the space that was clustered."""
    beyond: bool
    """Whether that is farther than every image of the cluster that was fitted on."""
    prompt: str
    """Empty where the label is not known."""


@dataclass(frozen=True)
class Found:
    """All images."""

    images: tuple[Assigned, ...]
    k: int
    facts: list[tuple[str, str]]

    def plain(self) -> dict[str, object]:
        """Return everything as JSON values."""
        return {"facts": dict(self.facts), "k": self.k, "images": [one.__dict__ for one in self.images]}

    def summary(self) -> list[dict[str, object]]:
        """Return a table of clusters that any image went to."""
        rows = []
        for cluster in range(self.k):
            members = [one for one in self.images if one.cluster == cluster]
            if members:
                rows.append({
                    "cluster": cluster, "morphology type": prompts.in_words(cluster), "images": len(members),
                    "median distance": f"{np.median([one.distance for one in members]):.3g}",
                    "beyond": sum(one.beyond for one in members),
                })  # fmt: skip
        return rows


def require_file(out: Path) -> None:
    """Refuse a place that no table can be written to, before anything is computed.

    Raises:
        UserError: With what was expected.
    """
    if out.suffix.lower() not in _SUFFIXES:
        raise UserError(f"--out {out}: expected a file that ends in {' or '.join(_SUFFIXES)}.")
    if out.is_dir() or not out.absolute().parent.is_dir() or not os.access(out.absolute().parent, os.W_OK | os.X_OK):
        raise UserError(f"--out {out} cannot be written. Give a file in a folder that is there.")


def assign(fit: Fitted, given: Given, tool: Tool, progress: Progress) -> Found:
    """Return the cluster of each image.

    Raises:
        UserError: If images cannot be read or embedded.
    """
    features = clusters.embed(given.images, tool.extractor, fit.side, progress)
    found = fit.clustering.assign(features)
    distances = fit.clustering.distances(features, found)
    labels = [given.images.classes[label] for label in given.images.labels]
    # What was fitted on lies within reach, also where kernels round unlike.
    beyond = distances > fit.reach[found] * (1 + 1e-6)
    images = tuple(
        Assigned(name, label, int(cluster), float(distance), bool(far), fitted.prompt(label, int(cluster)))
        for name, label, cluster, distance, far in zip(given.names, labels, found, distances, beyond, strict=True)
    )
    facts = [
        *given.facts,
        ("N", f"{len(images)} images"),
        ("Clusters", f"K = {fit.clustering.about.k} of {tool.name}"),
        ("Beyond", f"{int(beyond.sum())} images are farther from their center than any that was fitted on"),
    ]
    return Found(images, fit.clustering.about.k, facts)


def write(out: Path, found: Found) -> None:
    """Write every image as CSV or JSON, by the name's ending."""
    if out.suffix.lower() == ".json":
        atomic.write_json(out, found.plain())
        return
    rows = [
        [one.image, one.label, one.cluster, f"{one.distance:.9g}", int(one.beyond), one.prompt] for one in found.images
    ]
    atomic.write_text(out, fitted.table(["image", "label", "cluster", "distance", "beyond", "prompt"], rows))
