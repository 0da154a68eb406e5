"""The mean of one-vs-rest AUCs over more than two classes, with a variance over all of them at once.

Each class in turn is the positive one. An image has a placement in every one of these AUCs, so that they depend on
each other; to first order an image moves the mean by the mean of its influences,

    (placement - AUC_c) / sqrt(P_c (P_c - 1)), P_c the images on its side of class c,

and the variance is the sum of their squares, over images, or over the sums of slides (then with slides in the place of
images in the small-sample factor). With two classes and scores that mirror each other this is DeLong's variance to the
last digit, and Obuchowski's but for the factor of its cross term. Source of the linearization: DeLong, DeLong and
Clarke-Pearson (1988), Biometrics 44; Obuchowski (1997), Biometrics 53; the mean over classes is ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError
from benchmark.statistics.arrays import Floats, Ints
from benchmark.statistics.placements import Placements, placements


@dataclass(frozen=True, eq=False)
class MacroPlacements:
    """Placements of the test images in the one-vs-rest AUC of every class."""

    each: tuple[Placements, ...]
    """By class."""
    labels: Ints
    """Class of each image, shape (N,)."""
    slides: Ints | None
    """Slide of each image, shape (N,), numbered from 0; None where not known."""

    @property
    def value(self) -> float:
        """The mean of the AUCs, or of the differences, that these placements make up."""
        return float(np.mean([one.value for one in self.each]))

    @property
    def standard_error(self) -> float:
        """Standard error of the value: over slides where they are known, else over images."""
        influence = np.mean([self._influence(label, one) for label, one in enumerate(self.each)], axis=0)
        parts = influence if self.slides is None else np.bincount(self.slides, influence)
        return math.sqrt(float(parts @ parts))

    @property
    def df(self) -> float | None:
        """The fewest that any class has."""
        found = [one.df for one in self.each if one.df is not None]
        return min(found) if found else None

    @property
    def independent_pairs(self) -> int:
        """The fewest that any class has."""
        return min(one.independent_pairs for one in self.each)

    @property
    def variance_name(self) -> str:
        """Return what the variance is called in an interval's method."""
        clustered = "patch level, ignores slides" if self.slides is None else "clustered by slide"
        return f"macro one-vs-rest, linearized, {clustered}"

    def minus(self, other: MacroPlacements) -> MacroPlacements:
        """Return the placements of self - other on the same test images.

        Raises:
            UserError: if the test images differ.
        """
        each = tuple(one.minus(two) for one, two in zip(self.each, other.each, strict=True))
        return MacroPlacements(each, self.labels, self.slides)

    def _influence(self, label: int, one: Placements) -> Floats:
        """Return what each image adds to the AUC of a class, to first order, shape (N,)."""
        positive = self.labels == label
        influence = np.empty(len(positive))
        for mask, placed in ((positive, one.positives), (~positive, one.negatives)):
            units = len(placed) if self.slides is None else len(np.unique(self.slides[mask]))
            influence[mask] = (placed - one.value) / len(placed) * math.sqrt(units / (units - 1))
        return influence


def macro_placements(
    *, labels: NDArray[Any], scores: NDArray[Any], classes: int, slides: NDArray[Any] | None = None
) -> MacroPlacements:
    """Return the placements of one classifier, or the mean placements of several fixed ones.

    Args:
        labels: Class of each image, shape (N,), 0 <= label < classes.
        scores: Score of each image for each class, higher for that class, shape (N, classes), or (K, N, classes) for K
            classifiers whose AUCs are averaged.
        classes: How many classes there are, two or more.
        slides: Slide id of each image, shape (N,), or None where not known.

    Raises:
        UserError: if shapes do not fit, a score is not finite, or a class has fewer than two images (or slides, where
            known).
    """
    truth, table = np.asarray(labels), np.asarray(scores, dtype=np.float64)
    if table.ndim not in (2, 3) or table.shape[-2:] != (len(truth), classes):
        raise UserError(
            f"A macro AUC needs scores of shape (N, classes) or (K, N, classes), here ({len(truth)}, {classes}); got "
            f"{table.shape}."
        )
    each = tuple(placements(labels=truth == label, scores=table[..., label], slides=slides) for label in range(classes))
    numbers = None if slides is None else np.unique(slides, return_inverse=True)[1].astype(np.int64)
    return MacroPlacements(each, truth.astype(np.int64), numbers)


def log_odds(logits: NDArray[Any]) -> Floats:
    """Return for each class its log odds against all others together.

    Args:
        logits: Shape (N, C), C >= 2.

    Returns:
        Shape (N, C); with two classes a logit less the other.
    """
    found = np.empty(logits.shape)
    for label in range(logits.shape[1]):
        others = np.delete(logits, label, axis=1)
        most = others.max(axis=1, keepdims=True)
        found[:, label] = logits[:, label] - (most[:, 0] + np.log(np.exp(others - most).sum(axis=1)))
    return found
