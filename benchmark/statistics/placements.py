"""Placements: the parts of an AUC that its variance is made of.

The placement of a positive image is the share of negatives that score below it, ties counted half; of a
negative, the share of positives above it. Their means are both the AUC (Mann and Whitney). Placements of
several classifiers on the same test images average, and those of two methods subtract, image by image, so
that the variance of a mean or of a difference comes from the same two formulas:

- DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, eqs. 4 to 6: images independent.
- Obuchowski (1997), Biometrics 53, "Nonparametric analysis of clustered ROC curve data": images of a slide
  dependent. It equals DeLong where every slide has one image.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError
from benchmark.statistics.arrays import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Placements:
    """Placements of each test image, and the slide it is from."""

    positives: Floats
    """Placement of each positive image, shape (P,)."""
    negatives: Floats
    """Placement of each negative image, shape (Q,)."""
    positive_slides: Ints | None
    """Slide of each positive image, shape (P,), numbered 0 to I - 1 over both classes; None where not
    known."""
    negative_slides: Ints | None
    """Slide of each negative image, shape (Q,), or None."""
    digest: str
    """Digest of the labels and slides: equal digests, the same test images."""

    @property
    def value(self) -> float:
        """The AUC, the mean AUC, or the difference that these placements make up."""
        return float(np.mean(self.positives))

    @property
    def standard_error(self) -> float:
        """Standard error of the value: Obuchowski's where slides are known, else DeLong's."""
        return math.sqrt(max(self._delong() if self.positive_slides is None else self._obuchowski(), 0.0))

    @property
    def df(self) -> float | None:
        """Slides of the class that is in fewest, less one; None (normal) where slides are not known."""
        if self.positive_slides is None or self.negative_slides is None:
            return None
        return float(min(len(np.unique(self.positive_slides)), len(np.unique(self.negative_slides))) - 1)

    @property
    def independent_pairs(self) -> int:
        """Greatest number of positive-negative pairs that share no image (no slide, where known)."""
        if self.positive_slides is None or self.negative_slides is None:
            return min(len(self.positives), len(self.negatives))
        first, second = np.unique(self.positive_slides), np.unique(self.negative_slides)
        return max(min(len(first), len(second), len(np.union1d(first, second)) // 2), 1)

    @property
    def variance_name(self) -> str:
        """Return what the variance is called in an interval's method."""
        return (
            "DeLong, patch level, ignores slides" if self.positive_slides is None else "Obuchowski, clustered by slide"
        )

    def minus(self, other: Placements) -> Placements:
        """Return the placements of self - other on the same test images.

        Args:
            other: Placements of another method.

        Returns:
            Placements whose value is the difference of the two AUCs.

        Raises:
            UserError: if the test images differ.
        """
        if self.digest != other.digest:
            raise UserError(
                "These two AUCs were not measured on the same test images, so their difference is not "
                "paired: expected equal labels and slides in equal order. Score both on the same test set."
            )
        return replace(self, positives=self.positives - other.positives, negatives=self.negatives - other.negatives)

    def _delong(self) -> float:
        positive = np.var(self.positives, ddof=1) / len(self.positives)
        return float(positive + np.var(self.negatives, ddof=1) / len(self.negatives))

    def _obuchowski(self) -> float:
        assert self.positive_slides is not None
        assert self.negative_slides is not None
        slides = int(max(self.positive_slides.max(), self.negative_slides.max())) + 1
        positive = np.bincount(self.positive_slides, self.positives - self.value, minlength=slides)
        negative = np.bincount(self.negative_slides, self.negatives - self.value, minlength=slides)
        with_positive, with_negative = (
            len(np.unique(self.positive_slides)),
            len(np.unique(self.negative_slides)),
        )
        # S10 / P, S01 / Q and 2 S11 / (P Q), the slide counts being those that hold the class in question.
        own = with_positive / (with_positive - 1) * float(positive @ positive) / len(self.positives) ** 2
        own += with_negative / (with_negative - 1) * float(negative @ negative) / len(self.negatives) ** 2
        cross = slides / (slides - 1) * float(positive @ negative) / (len(self.positives) * len(self.negatives))
        return own + 2.0 * cross


def placements(*, labels: NDArray[Any], scores: NDArray[Any], slides: NDArray[Any] | None = None) -> Placements:
    """Return the placements of one classifier, or the mean placements of several fixed ones.

    Args:
        labels: 1 or True for the positive class, 0 or False for the other, shape (N,).
        scores: Score of each image, higher for the positive class, shape (N,), or (K, N) for K classifiers
            whose AUCs are averaged.
        slides: Slide id of each image, shape (N,), or None where not known.

    Returns:
        The placements.

    Raises:
        UserError: if shapes do not fit, a score is not finite, a label is not 0 or 1, or a class has fewer
            than two images (or slides, where known).
    """
    truth, table = _checked(labels, scores)
    numbers = None if slides is None else _slide_numbers(truth, slides)
    pairs = [_one(row[truth], row[~truth]) for row in table]
    return Placements(
        positives=np.mean([positive for positive, _ in pairs], axis=0),
        negatives=np.mean([negative for _, negative in pairs], axis=0),
        positive_slides=None if numbers is None else numbers[truth],
        negative_slides=None if numbers is None else numbers[~truth],
        digest=_digest(truth, numbers),
    )


def _one(positive: Floats, negative: Floats) -> tuple[Floats, Floats]:
    """Return the placements of one classifier's positives and negatives."""
    return _share_below(positive, negative), 1.0 - _share_below(negative, positive)


def _share_below(points: Floats, others: Floats) -> Floats:
    """Return the share of `others` below each point, ties counted half."""
    ordered = np.sort(others)
    count = np.searchsorted(ordered, points, "left") + np.searchsorted(ordered, points, "right")
    return np.asarray(count / (2.0 * len(others)), dtype=np.float64)


def _checked(labels: NDArray[Any], scores: NDArray[Any]) -> tuple[Bools, Floats]:
    """Return labels as a mask (N,) and scores as a table (K, N), or refuse them."""
    truth, table = np.asarray(labels), np.asarray(scores, dtype=np.float64)
    if truth.ndim != 1 or table.ndim not in (1, 2) or table.shape[-1] != len(truth) or table.size == 0:
        raise UserError(
            f"An AUC needs one label and one score an image, scores of shape (N,) or (K, N); got labels "
            f"of shape {truth.shape} and scores of shape {table.shape}."
        )
    if not np.isfinite(table).all():
        raise UserError(f"{int((~np.isfinite(table)).sum())} score(s) are NaN or infinite; an AUC needs finite scores.")
    if not np.isin(truth, (0, 1)).all():
        raise UserError(f"Labels of an AUC must be 0 or 1, got {np.unique(truth)[:5].tolist()}.")
    mask = truth.astype(np.bool_)
    if min(int(mask.sum()), int((~mask).sum())) < 2:
        raise UserError(
            f"An AUC with an interval needs two images of each class or more, got "
            f"{int(mask.sum())} positive and {int((~mask).sum())} negative. Give a larger test set."
        )
    return mask, np.atleast_2d(table)


def _slide_numbers(truth: Bools, slides: NDArray[Any]) -> Ints:
    """Return slides numbered 0 to I - 1, or refuse slides that give no variance."""
    ids = np.asarray(slides)
    if ids.shape != truth.shape:
        raise UserError(f"Expected one slide id an image, {len(truth)} in all, got shape {ids.shape}.")
    numbers = np.unique(ids, return_inverse=True)[1].astype(np.int64)
    fewest = min(len(np.unique(numbers[truth])), len(np.unique(numbers[~truth])))
    if fewest < 2:
        raise UserError(
            "All images of a class are from one slide, so the AUC's variance over slides cannot be known. Give "
            "a test set of more slides, or leave the ids out "
            "(patch level, ignores slides)."
        )
    return numbers


def _digest(truth: Bools, numbers: Ints | None) -> str:
    digest = hashlib.sha256(np.packbits(truth).tobytes() + len(truth).to_bytes(8, "little"))
    digest.update(b"" if numbers is None else numbers.astype("<i8").tobytes())
    return digest.hexdigest()
