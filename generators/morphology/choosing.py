"""How many clusters: validity indices over a range of K, and how stable the clusters are."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.artifacts.clustering import Clustering
from benchmark.contracts.progress import Progress
from benchmark.errors import UserError
from generators.morphology import clusters, validity

SILHOUETTE_ROWS = 5000
"""Most images of which the silhouette is computed; it takes their square in time."""

LESS_IS_BETTER = {"s_dbw": True, "sd": True, "silhouette": False, "davies_bouldin": True}
"""The indices, and whether the least value is the best."""


@dataclass(frozen=True)
class Stability:
    """Adjusted Rand index between fits that differ by their seed alone: 1 the same clusters, 0 as by chance."""

    median: float
    least: float
    greatest: float
    seeds: tuple[int, ...]
    pairs: int
    """Pairs of fits that were compared."""


@dataclass(frozen=True)
class Line:
    """What was found for one K."""

    k: int
    s_dbw: float
    density_between: float
    """The part of S_Dbw that is no scattering."""
    sd: float
    silhouette: float | None
    """Of `silhouette_n` images; None where these are all of one cluster."""
    silhouette_n: int
    davies_bouldin: float
    inertia: float
    """Mean squared distance to the nearest center."""
    smallest: int
    """Images in the smallest cluster."""
    stability: Stability | None
    """None where there is one seed."""


@dataclass(frozen=True)
class Way:
    """How clusters are fitted."""

    standardized: bool
    n_init: int
    batch: int | None
    seeds: tuple[int, ...]
    """The indices are of the fit with the first one; stability is over all of them."""


def over(features: NDArray[np.float64], ks: Sequence[int], way: Way, progress: Progress) -> Iterator[Line]:
    """Yield what is found for each K.

    Args:
        features: Shape (N, D).
        ks: Numbers of clusters, of 2 or more.
        way: How clusters are fitted.
        progress: Told of every fit.

    Raises:
        UserError: If there are too few distinct images for the largest K.
    """
    if len(features) <= max(ks):
        raise UserError(f"K = {max(ks)} needs more than {max(ks)} images; {len(features)} are there. Lower k.")
    rows = _silhouette_rows(len(features), way.seeds[0])
    shift, scale = clusters.scaling(features) if way.standardized else (0.0, 1.0)
    scaled = (features - shift) / scale
    for place, k in enumerate(ks):
        fits = []
        for number, seed in enumerate(way.seeds):
            # Scaled already, so that the fit is of what the indices are of.
            fits.append(
                clusters.fit(
                    scaled, k=k, extractor="", standardized=False, seed=seed, n_init=way.n_init, batch=way.batch
                )
            )
            progress(place * len(way.seeds) + number + 1, len(ks) * len(way.seeds), f"fits, now K = {k}")
        yield _line(scaled, fits[0].assignments, fits[0].about.inertia, rows, k, _stability(fits, way.seeds))


def best(lines: Sequence[Line]) -> dict[str, int]:
    """Return for each index the K at which it is best, the least of several; without indices defined nowhere."""
    found = {}
    for name, less in LESS_IS_BETTER.items():
        values = {line.k: getattr(line, name) for line in lines if getattr(line, name) is not None}
        if values:
            found[name] = min(values, key=lambda k, of=values, sign=1 if less else -1: (sign * of[k], k))  # type: ignore[misc]
    return found


def _line(
    features: NDArray[np.float64],
    found: NDArray[np.int64],
    inertia: float,
    rows: NDArray[np.int64],
    k: int,
    stability: Stability | None,
) -> Line:
    from sklearn import metrics
    from threadpoolctl import threadpool_limits

    # Mini-batch K-means may leave a center without an image.
    _, labels = np.unique(found, return_inverse=True)
    if labels.max() == 0:
        raise UserError(f"K = {k}: all images are in one cluster. Standardize, or leave mini-batches out.")
    try:
        indices = validity.measure(features, labels)
    except ValueError as error:
        raise UserError(f"K = {k}: the validity indices are not defined, since {error}. Lower k.") from None
    with threadpool_limits(1):
        known = len(np.unique(labels[rows])) > 1
        silhouette = float(metrics.silhouette_score(features[rows], labels[rows])) if known else None
        davies_bouldin = metrics.davies_bouldin_score(features, labels)
    return Line(
        k=k,
        s_dbw=indices.s_dbw,
        density_between=indices.density_between,
        sd=indices.sd,
        silhouette=silhouette,
        silhouette_n=len(rows),
        davies_bouldin=float(davies_bouldin),
        inertia=inertia / len(features),
        smallest=int(np.bincount(found, minlength=k).min()),
        stability=stability,
    )


def _silhouette_rows(count: int, seed: int) -> NDArray[np.int64]:
    if count <= SILHOUETTE_ROWS:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, SILHOUETTE_ROWS, replace=False))


def _stability(fits: Sequence[Clustering], seeds: tuple[int, ...]) -> Stability | None:
    from sklearn.metrics import adjusted_rand_score

    if len(fits) < 2:
        return None
    found = [
        float(adjusted_rand_score(one.assignments, other.assignments)) for one, other in itertools.combinations(fits, 2)
    ]
    return Stability(statistics.median(found), min(found), max(found), seeds, len(found))
