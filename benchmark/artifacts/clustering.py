"""A clustering of training images: what morphology prompts are made from and conditioning is judged by."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark import atomic
from benchmark.artifacts import arrays

LEFT_OUT = -1
"""In place of a cluster, where an image was not clustered."""
FOLDER = "clustering"
"""Name of the folder inside a step's output."""


@dataclass(frozen=True)
class About:
    """How a clustering was made."""

    extractor: str
    """Name of the extractor whose features were clustered."""
    k: int
    """Number of clusters."""
    seed: int
    """Seed of K-means."""
    n_init: int
    """Starts of K-means, of which the best was kept."""
    inertia: float
    """Sum of squared distances to the nearest center."""
    batch: int | None = None
    """Images of a batch of mini-batch K-means; None for K-means on all of them."""


@dataclass(frozen=True)
class Clustering:
    """Centers in feature space and the cluster of every training image."""

    about: About
    shift: NDArray[np.float64]
    """Taken from features before anything else, shape (D,); 0 where they are clustered raw."""
    scale: NDArray[np.float64]
    """What they are divided by next, shape (D,); 1 where they are clustered raw."""
    centers: NDArray[np.float64]
    """In shifted and scaled features, shape (K, D)."""
    assignments: NDArray[np.int64]
    """Cluster of each image of the role it was fitted on, in the role's order, shape (N,), 0 <= cluster < K;
    `LEFT_OUT` for an image that was not clustered."""

    def sizes(self) -> NDArray[np.int64]:
        """Return the images of each cluster, shape (K,)."""
        clustered = self.assignments[self.assignments != LEFT_OUT]
        return np.bincount(clustered, minlength=self.about.k).astype(np.int64)

    def assign(self, features: NDArray[Any]) -> NDArray[np.int64]:
        """Return the nearest center of each row; the first of them on a tie.

        Args:
            features: Shape (N, D).

        Returns:
            Cluster of each row, shape (N,).
        """
        rows = (np.asarray(features, np.float64) - self.shift) / self.scale
        squared = (self.centers**2).sum(axis=1) - 2 * rows @ self.centers.T
        return np.argmin(squared, axis=1).astype(np.int64)

    def distances(self, features: NDArray[Any], clusters: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the distance of each row to the center of a cluster, in shifted and scaled features.

        Args:
            features: Shape (N, D).
            clusters: Whose center, shape (N,).

        Returns:
            Euclidean distances, shape (N,).
        """
        rows = (np.asarray(features, np.float64) - self.shift) / self.scale
        distances: NDArray[np.float64] = np.linalg.norm(rows - self.centers[clusters], axis=1)
        return distances


def write(folder: Path, clustering: Clustering) -> None:
    """Write a clustering below a step's output folder."""
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    arrays.save(place / "scaling.npy", np.stack([clustering.shift, clustering.scale]))
    arrays.save(place / "centers.npy", clustering.centers)
    arrays.save(place / "assignments.npy", clustering.assignments)
    # What is None did not take part, and older clusterings do not have it.
    about = {name: value for name, value in asdict(clustering.about).items() if value is not None}
    atomic.write_json(place / "about.json", about)


def read(folder: Path) -> Clustering | None:
    """Return the clustering below a step's output folder, or None where it left none."""
    place = folder / FOLDER
    if not place.is_dir():
        return None
    shift, scale = arrays.load(place / "scaling.npy")
    return Clustering(
        about=About(**json.loads((place / "about.json").read_text(encoding="utf-8"))),
        shift=shift,
        scale=scale,
        centers=arrays.load(place / "centers.npy"),
        assignments=arrays.load(place / "assignments.npy"),
    )
