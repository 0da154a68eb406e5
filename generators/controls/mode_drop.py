"""Real images of which whole modes are missing: faithful, but not varied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from benchmark.artifacts import arrays
from benchmark.contracts.context import Context
from benchmark.contracts.generator import Batch, Requests
from benchmark.contracts.images import Images
from benchmark.contracts.roles import RealRole
from benchmark.errors import UserError
from generators import dealing
from generators.morphology import clusters

_KEPT = "kept.npy"


@dataclass(frozen=True)
class ModeDrop:
    """Clusters real images within each class and hands out those of the largest clusters alone, each once.

    Generators lose rare modes first, and metrics of variety should tell: Naeem et al. 2020 drop known modes one by
    one. Here modes are not known; they are clusters in the features of an encoder, which may not score.
    """

    keep: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Share of a class's images that is left at least. Clusters go whole, the smallest first, as long as it is."""
    k: Annotated[int, Field(ge=2)] = 10
    """Clusters a class."""
    role: RealRole = "floor"
    """The role whose images are handed out. The entry must name the same under ``fits_on``."""
    encoder: str = "texture-statistics"
    """Extractor whose features are clustered; declared under ``guided_by``."""
    encoder_side: Annotated[int, Field(ge=1)] = 32
    """Side in pixels of the images it sees."""
    standardized: bool = True
    """Whether features are brought to mean 0 and variance 1 first."""
    kmeans_seed: int = clusters.STUDY_SEED
    """Seed of K-means: the same modes are missing at every seed of a run."""
    kmeans_starts: Annotated[int, Field(ge=1)] = clusters.STUDY_STARTS
    """Starts of K-means, of which the best is kept."""

    def fit(self, train: Images, context: Context) -> None:
        """Cluster the images of the role, and leave the positions of those that are kept.

        Raises:
            UserError: If a class has too few images for the clusters, or none of its clusters could be dropped.
        """
        features = clusters.embed(train, context.extractor(self.encoder), self.encoder_side, context.progress)
        kept = [
            self._kept(np.flatnonzero(train.labels == label), features, train.classes[label])
            for label in np.unique(train.labels)
        ]
        arrays.save(context.folder / _KEPT, np.sort(np.concatenate(kept)))

    def sample(self, requests: Requests, context: Context) -> Iterator[Batch]:
        """Yield one real image per request.

        Raises:
            UserError: If fewer images of a label are left than are asked for.
        """
        images, kept = context.images(self.role), arrays.load(context.folder / _KEPT)
        left = images.take(kept, digest="the modes that are kept")
        holder = f"Role '{self.role}' without the modes that are dropped"
        yield from dealing.by_label(left, requests, seed=context.seed, holder=holder)

    def _kept(self, rows: NDArray[np.int64], features: NDArray[np.float64], name: str) -> NDArray[np.int64]:
        """Return those of a class's rows that lie in the clusters that are kept."""
        found = clusters.fit(
            features[rows],
            k=self.k,
            extractor=self.encoder,
            standardized=self.standardized,
            seed=self.kmeans_seed,
            n_init=self.kmeans_starts,
        ).assignments
        dropped = dropped_clusters(np.bincount(found, minlength=self.k), keep=self.keep)
        if not len(dropped):
            raise UserError(
                f"No cluster of '{name}' can be dropped without leaving less than {self.keep:g} of its "
                f"{len(rows)} images. Lower 'keep' or raise 'k'."
            )
        return rows[~np.isin(found, dropped)]


def dropped_clusters(sizes: NDArray[np.int64], *, keep: float) -> NDArray[np.int64]:
    """Return the smallest clusters that can be dropped together so that a share of all images is left.

    Args:
        sizes: Images by cluster, shape (K,).
        keep: Share of the images that must be left, in (0, 1).

    Returns:
        Clusters, the smallest first, of two alike the first; at most K - 1 of them.
    """
    order = np.argsort(sizes, kind="stable")[:-1]
    fits = sizes.sum() - np.cumsum(sizes[order]) >= keep * sizes.sum()
    return order[fits].astype(np.int64)
