"""Colour and texture statistics by a fixed formula: an encoder of our own for clustering."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts.extractor import check_images
from benchmark.errors import UserError

_LEVELS = 3
_QUANTILES = (0.1, 0.5, 0.9)


class TextureStatistics:
    """Quantiles of optical density and the energy of its detail at three scales, by channel.

    Optical density is what stains add up in (Beer-Lambert). The detail at a scale is the image less its 2x2 average.
    It clusters; random networks and trained ones score, so that no extractor does both.
    """

    version: ClassVar[int] = 1
    summary: ClassVar[str] = "Quantiles of optical density and energy of detail at three scales; a formula, no weights."

    @property
    def width(self) -> int:
        """Return the number of features."""
        return 3 * (len(_QUANTILES) + 2 * _LEVELS) + 3

    def to(self, device: str) -> None:
        """Stay on the processor: there is nothing to move."""

    def embed(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return features of uint8 RGB images of shape (B, S, S, 3), S divisible by 8.

        Raises:
            UserError: If S is not, or the images are no uint8 RGB.
        """
        check_images(images)
        _, height, width, _ = images.shape
        if height % 2**_LEVELS or width % 2**_LEVELS:
            raise UserError(
                f"'texture-statistics' halves images {_LEVELS} times, which {height} x {width} pixels do not allow. "
                f"Choose a size that is divisible by {2**_LEVELS}."
            )
        density = -np.log((images.astype(np.float64) + 1) / 256)
        flat = density.reshape(len(images), -1, 3)
        parts = [np.quantile(flat, quantile, axis=1) for quantile in _QUANTILES]
        parts.append(_correlations(flat))
        smooth = density
        for _ in range(_LEVELS):
            smaller = _halve(smooth)
            detail = smooth - smaller.repeat(2, axis=1).repeat(2, axis=2)
            parts += [np.sqrt((detail**2).mean(axis=(1, 2))), np.abs(detail).max(axis=(1, 2))]
            smooth = smaller
        features: NDArray[np.float32] = np.concatenate(parts, axis=1).astype(np.float32)
        return features


def _halve(images: NDArray[np.float64]) -> NDArray[np.float64]:
    count, height, width, channels = images.shape
    blocks = images.reshape(count, height // 2, 2, width // 2, 2, channels)
    halved: NDArray[np.float64] = blocks.mean(axis=(2, 4))
    return halved


def _correlations(flat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the three correlations between channels, shape (B, 3); 0 where a channel is constant."""
    centred = flat - flat.mean(axis=1, keepdims=True)
    covariance = np.einsum("npc,npd->ncd", centred, centred) / flat.shape[1]
    spread = np.sqrt(np.einsum("ncc->nc", covariance))
    scale = np.maximum(spread[:, :, None] * spread[:, None, :], 1e-12)
    return (covariance / scale)[:, [0, 0, 1], [1, 2, 2]]
