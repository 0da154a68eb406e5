"""The study's prompts as a builder: outliers out, the rest clustered, each image described by label and cluster."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from benchmark.artifacts import clustering
from benchmark.artifacts.clustering import LEFT_OUT
from benchmark.contracts.context import Context
from benchmark.contracts.images import Images
from benchmark.contracts.prompts import PromptSet
from benchmark.errors import UserError
from generators import prompts
from generators.morphology import balancing, clusters, frequencies, outliers

OUTLIER = "outlier: {rule}"
"""Why an image is left out by a rule; one that breaks several is counted under the first."""
BALANCE = "balance"
"""Why an image is left out so that all prompts have equally many."""


@dataclass
class MorphologyPrompts:
    """Names each training image's cluster in its prompt. The defaults are the study's where its release fixes them."""

    k: Annotated[int, Field(ge=1)] = 33
    """Number of clusters; the study has 33."""
    encoder: str = "dino-vitb8"
    """Extractor whose features are clustered; declared under ``guided_by``."""
    encoder_side: Annotated[int, Field(ge=1)] | None = 224
    """Side in pixels of the images it is handed; None for the size they have."""
    standardized: bool = False
    """Whether features are brought to mean 0 and variance 1 first; the study clusters them raw."""
    kmeans_seed: int = clusters.STUDY_SEED
    """Seed of K-means."""
    kmeans_starts: Annotated[int, Field(ge=1)] = clusters.STUDY_STARTS
    """Starts of K-means, of which the best is kept."""
    kmeans_batch: Annotated[int, Field(ge=1)] | None = None
    """Images of a batch of mini-batch K-means; K-means on all images where None, as in the study."""
    outlier_rules: Literal["none", "study"] = "none"
    """Whether images that the study's rules take for no tissue are left out."""
    balance: Literal["none", "study", "largest"] = "none"
    """Whether all prompts get equally many images, by the study's search or for the largest set there is."""

    def build(self, train: Images, context: Context) -> PromptSet:
        """Return the prompts of the images that are kept, and leave the clustering in ``context.folder``."""
        kept, left_out = self._without_outliers(train, context)
        images = train.take(kept, digest=f"{len(kept)} of {train.digest}")
        found = self._clustered(images, context)
        assignments = np.full(len(train), LEFT_OUT, np.int64)
        assignments[kept] = found.assignments
        clustering.write(context.folder, replace(found, assignments=assignments))
        counts = frequencies.count(images.labels, found.assignments, classes=len(train.classes), k=self.k)
        chosen = self._balanced(images.labels, found.assignments, counts)
        if len(chosen) < len(kept):
            left_out[BALANCE] = np.delete(kept, chosen)
        return _described(train, kept[chosen], assignments, left_out)

    def _without_outliers(
        self, train: Images, context: Context
    ) -> tuple[NDArray[np.int64], dict[str, NDArray[np.int64]]]:
        if self.outlier_rules == "none":
            return np.arange(len(train)), {}
        broken = outliers.judge(train, context.progress).broken
        out, first = broken.any(axis=1), broken.argmax(axis=1)
        if out.all():
            raise UserError(f"All {len(train)} training images break an outlier rule. Set outlier_rules to 'none'.")
        reasons = {
            OUTLIER.format(rule=rule.name): np.flatnonzero(out & (first == number))
            for number, rule in enumerate(outliers.RULES)
        }
        return np.flatnonzero(~out), {reason: rows for reason, rows in reasons.items() if len(rows)}

    def _clustered(self, images: Images, context: Context) -> clustering.Clustering:
        extractor = context.extractor(self.encoder)
        features = clusters.embed(images, extractor, self.encoder_side, context.progress)
        return clusters.fit(
            features,
            k=self.k,
            extractor=self.encoder,
            standardized=self.standardized,
            seed=self.kmeans_seed,
            n_init=self.kmeans_starts,
            batch=self.kmeans_batch,
        )

    def _balanced(
        self, labels: NDArray[np.int64], assigned: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return the places, rising, of the images that are kept."""
        if self.balance == "none":
            return np.arange(len(labels))
        share = balancing.studys(counts) if self.balance == "study" else balancing.largest(counts)
        return balancing.draw(labels, assigned, counts, share, seed=self.kmeans_seed)


def _described(
    train: Images, rows: NDArray[np.int64], assignments: NDArray[np.int64], left_out: dict[str, NDArray[np.int64]]
) -> PromptSet:
    """Return the prompts of images, in the order of label and cluster."""
    pairs, prompt = np.unique(np.stack([train.labels[rows], assignments[rows]], axis=1), axis=0, return_inverse=True)
    return PromptSet(
        rows=rows,
        prompt=prompt.ravel().astype(np.int64),
        texts=tuple(prompts.enriched(train.classes[label], int(cluster)) for label, cluster in pairs),
        labels=pairs[:, 0].astype(np.int64),
        clusters=pairs[:, 1].astype(np.int64),
        left_out=left_out,
    )
