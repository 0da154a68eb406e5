"""K-means over an encoder's features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.artifacts.clustering import About, Clustering
from benchmark.contracts.extractor import Extractor
from benchmark.contracts.images import Images
from benchmark.contracts.progress import Progress
from benchmark.errors import UserError
from benchmark.protocol import pixels

STUDY_SEED = 18021999
"""Seed of K-means in the study's release."""

STUDY_STARTS = 10
"""Starts of K-means in the study's release."""

_BATCH = 256


def embed(images: Images, extractor: Extractor, side: int, progress: Progress) -> NDArray[np.float64]:
    """Return the features of images brought to `side` pixels, float64, shape (N, D)."""
    features = []
    for number, block in enumerate(images.batches(_BATCH)):
        features.append(extractor.embed(pixels.resize(block, side, "lanczos")))
        progress(min((number + 1) * _BATCH, len(images)), len(images), "images embedded")
    return np.concatenate(features).astype(np.float64)


def fit(
    features: NDArray[np.float64], *, k: int, extractor: str, standardized: bool, seed: int, n_init: int
) -> Clustering:
    """Cluster features.

    One thread: sums over threads come in any order, and then the clusters are not the same on every run.

    Args:
        features: Shape (N, D).
        k: Number of clusters.
        extractor: Whose features they are, for the record.
        standardized: Whether features are brought to mean 0 and variance 1 first; constant ones stay 0.
        seed: Seed of K-means.
        n_init: Starts, of which the best is kept.

    Raises:
        UserError: If there are fewer distinct images than clusters.
    """
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    width = features.shape[1]
    distinct = len(np.unique(features, axis=0))
    if distinct < k:
        raise UserError(f"K = {k} clusters need at least {k} distinct images; {distinct} are there. Lower k.")
    shift, scale = _scaling(features) if standardized else (np.zeros(width), np.ones(width))
    with threadpool_limits(1):
        kmeans = KMeans(n_clusters=k, n_init=n_init, random_state=seed, algorithm="lloyd")
        found = kmeans.fit((features - shift) / scale)
    about = About(extractor=extractor, k=k, seed=seed, n_init=n_init, inertia=float(found.inertia_))
    return Clustering(
        about=about,
        shift=shift,
        scale=scale,
        centers=found.cluster_centers_.astype(np.float64),
        assignments=found.labels_.astype(np.int64),
    )


def _scaling(features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    spread = features.std(axis=0)
    return features.mean(axis=0), np.where(spread > 0, spread, 1.0)
