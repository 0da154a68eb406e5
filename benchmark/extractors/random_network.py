"""A residual network with random weights: features that need no download and no training."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts.extractor import check_images

if TYPE_CHECKING:
    from benchmark.extractors.residual import Residual


class RandomNetwork:
    """Features of a small residual network whose weights are drawn from a fixed seed.

    Random convolutions keep local colour and texture statistics, which is enough to order sets of toy images; they
    know nothing of tissue. A distance in this space is called "FD (random-network)" and never "FID".
    """

    version: ClassVar[int] = 1
    summary: ClassVar[str] = "Residual network with random weights of a fixed seed, 128 features; no download."

    def __init__(self, seed: int = 2024) -> None:
        """Draw the weights.

        Args:
            seed: Of the weights.
        """
        self._seed = seed
        self._device = "cpu"
        self._network: Residual | None = None

    @property
    def width(self) -> int:
        """Return the number of features."""
        return 128

    def to(self, device: str) -> None:
        """Move to ``cpu`` or ``cuda``."""
        self._device = device
        self._network = None

    def embed(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return features of uint8 RGB images of shape (B, S, S, 3), S at least 16.

        Raises:
            UserError: If the images are anything else.
        """
        import torch

        check_images(images)
        network = self._load()
        with torch.inference_mode():
            pixels = torch.from_numpy(np.ascontiguousarray(images)).to(self._device)
            features = network(pixels.permute(0, 3, 1, 2).float() / 127.5 - 1)
        result: NDArray[np.float32] = features.cpu().numpy()
        return result

    def _load(self) -> Residual:
        if self._network is None:
            from benchmark.extractors.residual import Residual

            self._network = Residual(seed=self._seed, width=self.width // 2).eval().to(self._device)
        return self._network
