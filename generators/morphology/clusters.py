"""K-means over an encoder's features."""

from __future__ import annotations

from typing import Any

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


def embed(images: Images, extractor: Extractor, side: int | None, progress: Progress) -> NDArray[np.float64]:
    """Return the features of images brought to `side` pixels, or as they are, float64, shape (N, D)."""
    features = []
    for number, block in enumerate(images.batches(_BATCH)):
        features.append(extractor.embed(block if side is None else pixels.resize(block, side, "lanczos")))
        progress(min((number + 1) * _BATCH, len(images)), len(images), "images embedded")
    return np.concatenate(features).astype(np.float64)


def fit(
    features: NDArray[np.float64],
    *,
    k: int,
    extractor: str,
    standardized: bool,
    seed: int,
    n_init: int,
    batch: int | None = None,
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
        batch: Images of a batch of mini-batch K-means; K-means on all of them where None.

    Raises:
        UserError: If there are fewer distinct images than clusters.
    """
    from threadpoolctl import threadpool_limits

    width = features.shape[1]
    distinct = len(np.unique(features, axis=0))
    if distinct < k:
        raise UserError(f"K = {k} clusters need at least {k} distinct images; {distinct} are there. Lower k.")
    shift, scale = scaling(features) if standardized else (np.zeros(width), np.ones(width))
    with threadpool_limits(1):
        found = _kmeans(k, seed, n_init, batch).fit((features - shift) / scale)
    about = About(extractor=extractor, k=k, seed=seed, n_init=n_init, inertia=float(found.inertia_), batch=batch)
    return Clustering(
        about=about,
        shift=shift,
        scale=scale,
        centers=found.cluster_centers_.astype(np.float64),
        assignments=found.labels_.astype(np.int64),
    )


def _kmeans(k: int, seed: int, n_init: int, batch: int | None) -> Any:
    from sklearn.cluster import KMeans, MiniBatchKMeans

    if batch is None:
        return KMeans(n_clusters=k, n_init=n_init, random_state=seed, algorithm="lloyd")
    # Limits as in the study's release: all of 300 passes, unless the centers stand still.
    return MiniBatchKMeans(
        n_clusters=k,
        batch_size=batch,
        n_init=n_init,
        random_state=seed,
        max_no_improvement=None,
        tol=1e-4,
        max_iter=300,
    )


def scaling(features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation of each feature, shape (D,); 1 in the place of a deviation of 0."""
    spread = features.std(axis=0)
    return features.mean(axis=0), np.where(spread > 0, spread, 1.0)
