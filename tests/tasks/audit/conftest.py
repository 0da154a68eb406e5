"""Phantom patches: real images without a file, and a perfect generator's of another seed."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.contracts.images import ArraySource, Images
from benchmark.datasets.phantom import patch, spec


@pytest.fixture(scope="session")
def real() -> Images:
    """Sixty real images, of no known slides."""
    return _phantom(0, 60)


@pytest.fixture(scope="session")
def synthetic() -> Images:
    """Forty of another phantom."""
    return _phantom(1, 40)


def _phantom(seed: int, count: int) -> Images:
    drawn = spec.PhantomSpec(
        seed=seed, train=count, valid=12, test=12, slides_train=12, slides_valid=12, slides_test=12
    )
    pixels = np.stack([patch.draw(drawn, "train", index).image for index in range(count)])
    rows = np.arange(count)
    return Images(ArraySource(pixels), rows, np.zeros(count, np.int64), ("",), None, digest=f"phantom {seed}")
