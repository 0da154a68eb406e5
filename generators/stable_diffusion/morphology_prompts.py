"""Stable Diffusion with its UNet fine-tuned on prompts that name the morphology: the study's proposal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmark.artifacts import arrays, clustering
from benchmark.contracts.context import Context
from benchmark.contracts.generator import Requests
from benchmark.contracts.images import Images
from generators import prompts
from generators.morphology import clusters, frequencies
from generators.stable_diffusion.label_prompts import LabelPrompts

_COUNTS = "prompt-counts.npy"


@dataclass
class MorphologyPrompts(LabelPrompts):
    """Clusters the training images, names each one's cluster in its prompt, and fine-tunes as the baseline does."""

    k: int = 33
    """Number of clusters; the study has 33."""
    encoder: str = "dino-vitb8"
    """Extractor whose features are clustered; declared under ``guided_by``."""
    encoder_side: int = 224
    """Side in pixels of the images it sees."""
    standardized: bool = False
    """Whether features are brought to mean 0 and variance 1 first; the study takes them raw."""
    kmeans_seed: int = clusters.STUDY_SEED
    """Seed of K-means."""
    kmeans_starts: int = clusters.STUDY_STARTS
    """Starts of K-means, of which the best is kept."""
    kmeans_batch: int | None = None
    """Images of a batch of mini-batch K-means; K-means on all training images where None, as in the study."""
    per_prompt: Literal["frequency", "equal"] = "frequency"
    """How often each prompt of a label is asked for: as training has it, or all equally often as the study does."""

    def training_prompts(self, train: Images, context: Context) -> list[str]:
        """Return the prompt of each training image, and leave clustering and frequencies in ``context.folder``."""
        features = clusters.embed(train, context.extractor(self.encoder), self.encoder_side, context.progress)
        found = clusters.fit(
            features,
            k=self.k,
            extractor=self.encoder,
            standardized=self.standardized,
            seed=self.kmeans_seed,
            n_init=self.kmeans_starts,
            batch=self.kmeans_batch,
        )
        clustering.write(context.folder, found)
        counts = frequencies.count(train.labels, found.assignments, classes=len(train.classes), k=self.k)
        arrays.save(context.folder / _COUNTS, counts)
        return [
            prompts.enriched(train.classes[label], int(cluster))
            for label, cluster in zip(train.labels, found.assignments, strict=True)
        ]

    def prompts(self, requests: Requests, context: Context) -> list[str]:
        """Return the prompt of each request: its label, and a cluster by the training frequency or in turn."""
        choose = frequencies.deal if self.per_prompt == "equal" else frequencies.draw
        drawn = choose(requests, arrays.load(context.folder / _COUNTS))
        return [
            prompts.enriched(requests.classes[label], int(cluster))
            for label, cluster in zip(requests.labels, drawn, strict=True)
        ]
