"""The study's rules for patches that show no tissue to speak of: too dark, too gray, too flat, too smooth.

Source: the study's release (Bayer-Group/rods-biogen at 09325c9), histopathology configuration. Hue, saturation and
value are Pillow's, each from 0 to 255; gray is Pillow's mode L; deviations are those of the population.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmark.contracts.extractor import check_images
from benchmark.contracts.images import Images
from benchmark.contracts.progress import Progress

CONTOUR_LEVEL = 150
"""Gray above which a pixel is inside of a contour."""

_BATCH = 256


@dataclass(frozen=True)
class Rule:
    """A patch breaks a rule whose statistic is below its least value."""

    name: str
    """What a patch that breaks it is called."""
    statistic: str
    """What is looked at."""
    least: float
    """The least value that keeps the rule."""


RULES = (
    Rule("dark", "mean of value", 70),
    Rule("gray", "mean of saturation", 3),
    Rule("flat-value", "standard deviation of value", 4),
    Rule("flat-saturation", "standard deviation of saturation", 4),
    Rule("flat-hue", "standard deviation of hue", 1.5),
    Rule("blurred", "variance of the Laplacian of gray", 100),
    Rule("few-contours", f"contours of gray above {CONTOUR_LEVEL}", 10),
)
"""In the order of the columns of `statistics`."""


@dataclass(frozen=True)
class Verdict:
    """What the rules say of images."""

    values: NDArray[np.float64]
    """Statistic of each image and rule, shape (N, 7)."""

    @property
    def broken(self) -> NDArray[np.bool_]:
        """Return which image breaks which rule, shape (N, 7)."""
        return self.values < np.array([rule.least for rule in RULES])

    @property
    def kept(self) -> NDArray[np.int64]:
        """Return the rows of images that break none, rising."""
        return np.flatnonzero(~self.broken.any(axis=1))

    def rules_of(self, row: int) -> tuple[str, ...]:
        """Return the names of the rules that an image breaks."""
        return tuple(rule.name for rule, broken in zip(RULES, self.broken[row], strict=True) if broken)

    def counts(self) -> dict[str, int]:
        """Return how many images break each rule; one may break several."""
        return {rule.name: int(count) for rule, count in zip(RULES, self.broken.sum(axis=0), strict=True)}


def judge(images: Images, progress: Progress) -> Verdict:
    """Return what the rules say of images, as they are stored: the thresholds are for patches of 96 pixels."""
    found = []
    for block in images.batches(_BATCH):
        found += [statistics(image) for image in block]
        progress(len(found), len(images), "images held against the outlier rules")
    return Verdict(np.array(found, np.float64).reshape(-1, len(RULES)))


def statistics(image: NDArray[np.uint8]) -> tuple[float, ...]:
    """Return the statistic of each rule.

    Args:
        image: uint8 RGB, shape (H, W, 3).

    Returns:
        As many numbers as there are rules.

    Raises:
        UserError: If it is no uint8 RGB.
    """
    import cv2

    check_images(image[None])
    picture = Image.fromarray(image)
    hue, saturation, value = np.asarray(picture.convert("HSV")).transpose(2, 0, 1)
    gray = np.asarray(picture.convert("L"))
    _, above = cv2.threshold(gray, CONTOUR_LEVEL, 255, cv2.THRESH_BINARY)
    contours, _ = cv2.findContours(above, cv2.RETR_TREE, cv2.CHAIN_APPROX_NONE)
    return (
        float(value.mean()),
        float(saturation.mean()),
        float(value.std()),
        float(saturation.std()),
        float(hue.std()),
        float(cv2.Laplacian(gray, cv2.CV_64F).var()),
        float(len(contours)),
    )
